import type { SaidOmission } from "@network-personas/engine/driver";
import { inEnglish, type PlanField, type Sentence, verbatim } from "@network-personas/engine/model";

/** What is wanted: a sentence, or an id as it stands in the plan. */
export type Wanted = Sentence | string;

const said = (words: Wanted): Sentence => (typeof words === "string" ? verbatim(words) : words);

/** What of a plan is left out, in English and as sentences for every language. `device`: null for the line. */
export function omission(
  field: PlanField,
  device: string | null,
  wanted: Wanted,
  why: Sentence,
  instead: Sentence | "" = "",
): SaidOmission {
  const words = { wanted: said(wanted), instead: said(instead), why: said(why) };
  const { wanted: what, instead: done, why: reason } = words;
  return { field, device, wanted: inEnglish(what), instead: inEnglish(done), why: inEnglish(reason), said: words };
}
