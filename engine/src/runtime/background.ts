import type { Log } from "../driver/port.ts";

/** Work that nobody waits for, until everything has to come to rest. */
export class Background {
  readonly #log: Log;
  readonly #works = new Set<Promise<unknown>>();
  constructor(log: Log) {
    this.#log = log;
  }
  run(work: Promise<unknown>): void {
    this.counted(work).catch((error) => this.#log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
  /** Work that somebody waits for already, and that everything coming to rest includes. */
  counted<T>(work: Promise<T>): Promise<T> {
    const over: Promise<unknown> = work.catch(() => {}).finally(() => this.#works.delete(over));
    this.#works.add(over);
    return work;
  }
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
