import type { Words } from "@network-personas/engine/driver";
import { inEnglish, type Omission, type PlanField, type Sentence, verbatim } from "@network-personas/engine/model";

const said = (words: Words): Sentence => (typeof words === "string" ? verbatim(words) : words);

/** What of a plan is left out, in English and as sentences for every language. `device`: null for the line; `wanted` may be an id. */
export function omission(field: PlanField, device: string | null, wanted: Words, why: Sentence, instead: Sentence | "" = ""): Omission {
  const words = { wanted: said(wanted), instead: said(instead), why: said(why) };
  const { wanted: what, instead: done, why: reason } = words;
  return { field, device, wanted: inEnglish(what), instead: inEnglish(done), why: inEnglish(reason), said: words };
}
