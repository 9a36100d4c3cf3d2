import { count, lineNumber } from "./text.ts";

/** Collects what was skipped, repaired or capped, and tells it in one sentence per kind, with the first place. Never quotes the text itself. */
export class Problems {
  readonly #found = new Map<string, { times: number; offset: number }>();
  /** `what` completes "2 events …"; `offset` is where it stands in the text. */
  add(what: string, offset: number, times = 1): void {
    const known = this.#found.get(what);
    if (known) known.times += times;
    else if (this.#found.size < 50) this.#found.set(what, { times, offset });
  }
  sentences(text: string): string[] {
    return [...this.#found].map(
      ([what, { times, offset }]) => `${count(times, "event")} ${what} (first at line ${lineNumber(text, offset)})`,
    );
  }
}
