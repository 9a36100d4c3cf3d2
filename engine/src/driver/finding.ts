import { inEnglish, meaningOf, type Sentence, type Trouble, verbatim } from "../model/index.ts";
import type { Finding } from "./port.ts";

/** What is said about a router: sentences of ours, so that every surface says them in the language of its reader. Words of others are `verbatim`. */
export function findingOf(check: string, status: Finding["status"], message: Sentence, remedy?: Sentence): Finding {
  return {
    check,
    status,
    message: inEnglish(message),
    remedy: remedy ? inEnglish(remedy) : "",
    said: { message, ...(remedy ? { remedy } : {}) },
  };
}

/** That something could not be asked, as a finding: what its code means, and the whole of it in English. */
export function troubleFinding(
  check: string,
  { message, said }: Omit<Trouble, "code">,
  remedy: Sentence,
  status: Finding["status"] = "failed",
): Finding {
  return { ...findingOf(check, status, said ?? verbatim(message), remedy), message };
}

/** What an error says, for `troubleFinding`. */
export function troubleOf(error: unknown): Omit<Trouble, "code"> {
  const said = meaningOf(error);
  return { message: error instanceof Error ? error.message : String(error), ...(said ? { said } : {}) };
}

/** What is good to know about a router, for its capabilities: in English, and as sentences in the same order. */
export const noted = (notes: readonly Sentence[]): { notes: string[]; notesSaid: Sentence[] } => ({
  notes: notes.map((note) => inEnglish(note)),
  notesSaid: [...notes],
});
