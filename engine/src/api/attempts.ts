import type { Clock } from "../driver/port.ts";

const windowMs = 60_000;
const allowed = 10;
const remembered = 2_000;

/**
 * Counts failed authentications per address and claimed token, so that guessing one token neither goes on
 * nor locks out the others that come from the same address.
 */
export class FailedAttempts {
  readonly #clock: Pick<Clock, "now">;
  readonly #failures = new Map<string, number[]>();
  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Seconds to wait before the next attempt; 0 when it may go on. */
  waitFor(key: string): number {
    const recent = this.#recent(key);
    return recent.length < allowed ? 0 : Math.max(1, Math.ceil((recent[recent.length - allowed]! + windowMs - this.#clock.now()) / 1000));
  }

  failed(key: string): void {
    const recent = this.#recent(key);
    this.#failures.delete(key);
    this.#failures.set(key, [...recent, this.#clock.now()].slice(-allowed));
    if (this.#failures.size > remembered) this.#failures.delete(this.#failures.keys().next().value!);
  }

  #recent(key: string): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > this.#clock.now() - windowMs);
  }
}
