import type { Clock } from "../driver/port.ts";
import type { Store } from "../store/index.ts";

/** After an undo nothing is changed by itself for so long; else the next look would do again what was just undone. */
export const pauseAfterUndo = 60 * 60_000;

type Reason = { why: "released" } | { why: "undone"; until: number };

/** What keeps the engine from writing to routers by itself. Survives restarts; a person's `apply` ends it. */
export class Hold {
  readonly #store: Store;
  readonly #clock: Clock;
  #reason: Reason | null = null;
  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    const kept = await this.#store.fact("hold");
    this.#reason = kept ? (JSON.parse(kept) as Reason) : null;
  }
  /** Nothing is written by itself now. */
  get holds(): boolean {
    return this.#reason?.why === "released" || (this.#reason?.why === "undone" && this.#clock.now() < this.#reason.until);
  }
  /** Everything of ours was removed: until a person asks. */
  released = (): Promise<void> => this.#set({ why: "released" });
  /** The last change was undone: for a while. */
  undone = (): Promise<void> => this.#set({ why: "undone", until: this.#clock.now() + pauseAfterUndo });
  ended = (): Promise<void> => this.#set(null);

  /** What a person should know of it. */
  get notice(): string | undefined {
    if (!this.#reason || !this.holds) return undefined;
    if (this.#reason.why === "released") return "nothing is applied since the routers were released; apply to start again";
    return `the last change was undone; nothing is applied until ${new Date(this.#reason.until).toISOString()}, or until you apply`;
  }

  async #set(reason: Reason | null): Promise<void> {
    this.#reason = reason;
    await this.#store.setFact("hold", reason && JSON.stringify(reason));
  }
}
