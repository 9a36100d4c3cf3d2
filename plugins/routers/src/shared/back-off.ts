import type { Clock } from "@network-personas/engine/driver";

/** Waits longer and longer while a router refuses to talk to us, and forgets it when it does again. */
export class BackOff {
  readonly #clock: Clock;
  readonly #first: number;
  readonly #longest: number;
  #until = Number.NEGATIVE_INFINITY;
  #refusals = 0;

  /** Milliseconds of the first wait, which doubles, and of the longest. */
  constructor(clock: Clock, { first, longest }: { first: number; longest: number }) {
    this.#clock = clock;
    this.#first = first;
    this.#longest = longest;
  }

  /** Milliseconds until it may be asked again. */
  waitFor(): number {
    return Math.max(0, this.#until - this.#clock.now());
  }

  /** It refused. What it says about how long is believed when it is longer than what we would wait. */
  refused(atLeast = 0): void {
    const wait = Math.min(this.#first * 2 ** this.#refusals, this.#longest);
    this.#until = this.#clock.now() + Math.max(wait, atLeast);
    this.#refusals++;
  }

  served(): void {
    this.#refusals = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
