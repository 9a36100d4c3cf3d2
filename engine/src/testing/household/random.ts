/** A stream of numbers in [0, 1) that depends on its key alone. */
export interface Random {
  next(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A normally distributed number, rounded. */
  around(mean: number, deviation: number): number;
  /** An index, drawn in proportion to the weights; -1 for the rest up to 1. */
  pick(weights: readonly number[]): number;
}

/** Seeds a stream from any parts, e.g. seed, date and person (FNV-1a into mulberry32). */
export function randomOf(...key: readonly (string | number)[]): Random {
  let state = 0x811c9dc5;
  for (const character of key.join("|")) state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    // Box-Muller; 1 - next() keeps the logarithm finite.
    around: (mean, deviation) => Math.round(mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
    pick: (weights) => {
      let left = next();
      return weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
    },
  };
}
