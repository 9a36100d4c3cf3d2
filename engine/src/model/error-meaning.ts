import { type Sentence, type SentencePart, sentences } from "./sentence.ts";

/** What an error tells beside its code, of all classes of errors. */
const details = ["right", "feature", "until", "seconds"] as const;

/**
 * What an error means, as a sentence: its own where it brings one, else that of its code; undefined for a code that only its message explains. Told by shape, not by class: a
 * driver may bring its own copy of our classes.
 */
export function meaningOf(error: unknown): Sentence | undefined {
  if (!(error instanceof Error && "code" in error)) return undefined;
  const { said } = error as { said?: Sentence };
  if (said && Object.hasOwn(sentences.en, said.key)) return said;
  const key = `error-${String(error.code)}`;
  if (!Object.hasOwn(sentences.en, key)) return undefined;
  const told = error as Partial<Record<(typeof details)[number], SentencePart>>;
  return { key, with: Object.fromEntries(details.flatMap((name) => (told[name] === undefined ? [] : [[name, told[name]]]))) };
}
