import type { TrafficClass } from "@network-personas/personas";

/**
 * From which probability a demand of a class counts. Sparse urgent traffic is cheap to favour wrongly (5 ms for others) and
 * dear to miss (80 to 160 ms), so it counts early; what takes capacity has to be likelier.
 */
export const membership: Record<TrafficClass, number> = { realtime: 0.1, interactive: 0.1, streaming: 0.3, default: 0.1, bulk: 0.3 };
/** From which probability a persona's wants count. */
export const plausible = 0.1;
/** From which probability a protective restriction is in force. */
export const suspicion = 0.1;
/** What is in force stays down to this probability: a doubt that comes and goes should not open and close a home. */
export const dispelled = 0.05;
/** From which probability a persona may permit something, or may limit somebody. */
export const confident = 0.6;
/** From which probability a prediction may interrupt, at the start of an activity only. */
export const certain = 0.9;
/** A need is insured in full from this probability on, below it in proportion. */
const insuredFrom = 0.5;
/** The share of a need worth reserving: half a reservation serves nobody, an unused one costs nothing. */
export const insured = (p: number): number => Math.min(1, p / insuredFrom);
/** Probabilities that all moved by less than this leave a blend as it was. */
export const quantum = 0.01;
