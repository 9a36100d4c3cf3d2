import type { Log } from "../driver/port.ts";

/** Work that nobody waits for, until everything has to come to rest. */
export class Background {
  readonly #log: Log;
  readonly #works = new Set<Promise<unknown>>();
  constructor(log: Log) {
    this.#log = log;
  }
  run(work: Promise<unknown>): void {
    const guarded = work
      .catch((error) => this.#log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)))
      .finally(() => this.#works.delete(guarded));
    this.#works.add(guarded);
  }
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
