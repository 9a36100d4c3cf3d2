import type { EngineEvent } from "../model/index.ts";

type Body<T> = T extends EngineEvent ? Omit<T, "sequence" | "at"> : never;
/** An event before it has its place in the order. */
export type EventBody = Body<EngineEvent>;

/** The order of what happened. Holds the newest events so that a stream can be resumed. */
export class EventLog {
  readonly #events: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #held: number;
  #sequence: number;

  /**
   * `held`: a plan of a large home weighs 100 kB and more, and who missed this much is served better by a snapshot.
   * `start`: a number no earlier run of the engine has reached, so that a resumed stream notices a restart.
   */
  constructor(start: number, held = 200) {
    this.#sequence = start;
    this.#held = held;
  }
  get sequence(): number {
    return this.#sequence;
  }
  emit(body: EventBody, at: string): void {
    const event = { ...body, sequence: ++this.#sequence, at } as EngineEvent;
    this.#events.push(event);
    if (this.#events.length > this.#held) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }
  /** What happened is told no more: whoever missed it gets a snapshot. */
  forget(): void {
    this.#events.length = 0;
  }
  since(sequence: number): readonly EngineEvent[] | undefined {
    const oldest = this.#sequence - this.#events.length;
    return sequence < oldest || sequence > this.#sequence ? undefined : this.#events.slice(sequence - oldest);
  }
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
