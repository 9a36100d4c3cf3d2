import { inEnglish, type Sentence, type Trouble } from "../model/index.ts";
import type { Finding } from "./port.ts";

/** Words of others are text, our own are sentences. */
export type Words = string | Sentence;
const inWords = (words: Words) => (typeof words === "string" ? words : inEnglish(words));

/** A finding in English, and as sentences for every language where its words are ours. */
export function findingOf(check: string, status: Finding["status"], message: Words, remedy: Words = ""): Finding {
  const said = {
    ...(typeof message === "string" ? {} : { message }),
    ...(typeof remedy === "string" ? {} : { remedy }),
  };
  const isSaid = Object.keys(said).length > 0;
  return { check, status, message: inWords(message), remedy: inWords(remedy), ...(isSaid ? { said } : {}) };
}

/** That something could not be asked, as a finding. */
export function troubleFinding(check: string, { message, said }: Trouble, remedy: Sentence): Finding {
  const told = findingOf(check, "failed", message, remedy);
  return said ? { ...told, said: { ...told.said, message: said } } : told;
}

/** What is on a router that is not ours, for the state it reads. */
export const foreignThings = (found: readonly Words[]): { foreign: string[]; foreignSaid: (Sentence | null)[] } => ({
  foreign: found.map(inWords),
  foreignSaid: found.map((words) => (typeof words === "string" ? null : words)),
});
