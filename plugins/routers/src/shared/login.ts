import type { Clock } from "@network-personas/engine/driver";

/** A login this young that is gone already was lost too soon. */
const soon = 60_000;
const longestWait = 5 * 60_000;

/** Spaces out logins at a router that keeps forgetting them, so that we never log in per call. */
export class LoginPacer {
  readonly #clock: Clock;
  readonly #step: number;
  #last = Number.NEGATIVE_INFINITY;
  #tooSoon = 0;
  logins = 0;

  /** The third login in a row waits for twice `step` milliseconds, the next for twice that. */
  constructor(clock: Clock, step = 1_000) {
    this.#clock = clock;
    this.#step = step;
  }

  /** Milliseconds until the next login is allowed. The first two are free. */
  waitFor(): number {
    if (this.#tooSoon < 1) return 0;
    return Math.max(0, this.#last + Math.min(2 ** this.#tooSoon * this.#step, longestWait) - this.#clock.now());
  }

  /** A login that may have been taken although no answer came: the next one waits. */
  unanswered(): void {
    this.#tooSoon++;
    this.#last = this.#clock.now();
  }

  loggedIn(): void {
    const now = this.#clock.now();
    this.#tooSoon = now - this.#last < soon ? this.#tooSoon + 1 : 0;
    this.#last = now;
    this.logins++;
  }
}
