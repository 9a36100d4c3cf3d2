import { count, lineNumber } from "./text.ts";

/** Collects what was skipped, repaired or capped, and tells it in one sentence per kind, with the first place. Never quotes the text itself. */
export class Problems {
  /** How many events, by where the first of them stands in the text. */
  readonly #found = new Map<string, Map<number, number>>();
  /** Line numbers once counted; counting goes through the whole text. */
  readonly #lines = new Map<number, number>();
  /** `what` completes "2 events …"; `offset` is where the event stands. The same event counts once, however often it is looked at. */
  add(what: string, offset: number, events = 1): void {
    const known = this.#found.get(what);
    if (known) known.set(offset, events);
    else if (this.#found.size < 50) this.#found.set(what, new Map([[offset, events]]));
  }
  sentences(text: string): string[] {
    return [...this.#found].map(([what, places]) => {
      const first = places.keys().next().value!;
      const line = this.#lines.get(first) ?? lineNumber(text, first);
      this.#lines.set(first, line);
      const total = [...places.values()].reduce((sum, events) => sum + events, 0);
      return `${count(total, "event")} ${what} (first at line ${line})`;
    });
  }
}
