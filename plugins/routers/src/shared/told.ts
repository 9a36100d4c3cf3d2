import { inEnglish, type Sentence } from "@network-personas/engine/model";

/** A change in English for logs and for who asks no more, and as a sentence for every language. */
export const told = (said: Sentence): { summary: string; said: Sentence } => ({ summary: inEnglish(said), said });
