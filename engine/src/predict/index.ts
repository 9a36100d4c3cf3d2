import { additive } from "./additive.ts";
import { learned } from "./learned.ts";
import type { Scorer } from "./scorer.ts";

export { additive } from "./additive.ts";
export { accountedFor, explain, sentenceOf } from "./explain.ts";
export { learned } from "./learned.ts";
export { certain } from "./outcome.ts";
export type { Example, Scorer } from "./scorer.ts";
export { DamagedState } from "./state-text.ts";

/** Every way to predict, by the name used in home.yaml. */
export const scorers: ReadonlyMap<string, Scorer> = new Map(([additive, learned] as Scorer[]).map((scorer) => [scorer.id, scorer]));
