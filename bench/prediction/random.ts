/** A small seeded generator (mulberry32): the same seed gives the same home on every machine. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
  /** Whole number in [low, high). */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high));
  }
  normal(deviation: number): number {
    return deviation * Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
  /** Index drawn with the given probabilities. */
  choose(p: ArrayLike<number>): number {
    let rest = this.next();
    for (let i = 0; i < p.length; i++) {
      rest -= p[i]!;
      if (rest < 0) return i;
    }
    return p.length - 1;
  }
}
