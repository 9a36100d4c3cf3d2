import type { Clock } from "../driver/port.ts";
import { type ApplyOutcome, type HoldState, inEnglish, type Sentence, sentence } from "../model/index.ts";
import type { Store } from "../store/index.ts";

/** After an undo nothing is changed by itself for so long; else the next look would do again what was just undone. */
export const pauseAfterUndo = 60 * 60_000;

const saying = { released: "holdReleased", undone: "holdUndone", paused: "holdPaused" } as const;

type Reason = { why: "released"; untilStart?: true } | { why: "undone" | "paused"; until: number };

/** What keeps the engine from writing to routers by itself. Survives restarts; a person's `apply` ends it. */
export class Hold {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onChange: (state: HoldState | null) => void;
  #reason: Reason | null = null;
  constructor(store: Store, clock: Clock, onChange: (state: HoldState | null) => void = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  async load(): Promise<void> {
    const kept = await this.#store.fact("hold");
    this.#reason = kept ? (JSON.parse(kept) as Reason) : null;
    if (this.#reason?.why === "released" && this.#reason.untilStart) await this.ended();
  }
  /** Nothing is written by itself now. */
  get holds(): boolean {
    return this.#reason !== null && (this.#reason.why === "released" || this.#clock.now() < this.#reason.until);
  }
  /** Everything of ours is to be removed: nothing comes back until a person asks or, if so wanted, the engine starts again. */
  async released(untilStart: boolean): Promise<void> {
    // What a person released for good stays so when its host goes, too.
    if (untilStart && this.#reason?.why === "released") return;
    await this.#set({ why: "released", ...(untilStart && { untilStart }) });
  }
  get isReleased(): boolean {
    return this.#reason?.why === "released";
  }
  /** The last change is undone, or brought back ("paused" tells of that), and stays so for a while. Where none was, all is as before. */
  async rolledBack(why: "undone" | "paused", undo: () => Promise<readonly ApplyOutcome[]>): Promise<readonly ApplyOutcome[]> {
    const before = this.#reason;
    await this.#set({ why, until: this.#clock.now() + pauseAfterUndo });
    const outcomes = await undo();
    if (!outcomes.some(({ result }) => result === "confirmed" || result === "unchanged")) await this.#set(before);
    return outcomes;
  }
  /** A person wants it left as it is for so long, ms. Routers that were released stay so. */
  async paused(forMs: number): Promise<void> {
    if (this.#reason?.why !== "released") await this.#set({ why: "paused", until: this.#clock.now() + forMs });
  }
  async ended(): Promise<void> {
    if (this.#reason) await this.#set(null);
  }
  /** Lets those know who wait for the end of a pause. */
  async look(): Promise<void> {
    if (!this.holds) await this.ended();
  }

  get state(): HoldState | null {
    if (!this.#reason || !this.holds) return null;
    const { why } = this.#reason;
    const until = why === "released" ? null : new Date(this.#reason.until).toISOString();
    return { why, until, text: inEnglish(sentence(saying[why], { until })) };
  }
  /** What a person should look at. A pause is no problem: somebody wanted it. */
  get notice(): Sentence | undefined {
    const { state } = this;
    return state && state.why !== "paused" ? sentence(saying[state.why], { until: state.until }) : undefined;
  }

  async #set(reason: Reason | null): Promise<void> {
    this.#reason = reason;
    await this.#store.setFact("hold", reason && JSON.stringify(reason));
    this.#onChange(this.state);
  }
}
