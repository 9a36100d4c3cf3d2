import { inEnglish, type Omission, type PlanField, type Refusal, type Sentence } from "../model/index.ts";

/** A cause in words and by key. */
export const caused = (said: Sentence): { because: string; said: Sentence } => ({ because: inEnglish(said), said });

export const refusal = (whose: Pick<Refusal, "subject" | "device">, what: Sentence, because: Sentence): Refusal => ({
  ...whose,
  what: inEnglish(what),
  because: inEnglish(because),
  said: { what, because },
});

export const omission = (field: PlanField, device: string | null, wanted: Sentence, instead: Sentence, why: Sentence): Omission => ({
  field,
  device,
  wanted: inEnglish(wanted),
  instead: inEnglish(instead),
  why: inEnglish(why),
  said: { wanted, instead, why },
});
