import type { Clock } from "@network-personas/engine/driver";

/** A login this young that is gone already was lost too soon. */
const soon = 60_000;
const longestWait = 5 * 60_000;

/** Spaces out logins at a router that keeps forgetting them, so that we never log in per call. */
export class LoginPacer {
  readonly #clock: Clock;
  #last = Number.NEGATIVE_INFINITY;
  #tooSoon = 0;
  logins = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next login is allowed. The first two are free. */
  waitFor(): number {
    if (this.#tooSoon < 1) return 0;
    return Math.max(0, this.#last + Math.min(2 ** this.#tooSoon * 1000, longestWait) - this.#clock.now());
  }

  loggedIn(): void {
    const now = this.#clock.now();
    this.#tooSoon = now - this.#last < soon ? this.#tooSoon + 1 : 0;
    this.#last = now;
    this.logins++;
  }
}
