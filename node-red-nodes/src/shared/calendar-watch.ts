import type { UpcomingEvent } from "@network-personas/engine/model";
import type { MemoryStore } from "./calendar-memory.ts";
import { type Memory, resume, step } from "./calendar-schedule.ts";
import { reachOf, type Trigger, type TriggerSettings, triggersOf } from "./calendar-triggers.ts";

/** Time as a port, as the engine has it. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or rejects when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Events as they were read, and the zone of the home they belong to. */
export interface Listing {
  events: readonly UpcomingEvent[];
  timeZone: string;
}

export interface WatchOptions {
  triggers: TriggerSettings;
  /** How late a trigger may fire, in ms. */
  limit: number;
  /** All that decides what fires: with other settings, what was due before stays unfired. */
  settings: string;
  clock: Clock;
  memory: MemoryStore;
  /** Events between two instants that pass the filters. Rejects when the engine cannot be asked. */
  list(from: number, to: number): Promise<Listing>;
  fire(trigger: Trigger, now: number, timeZone: string): void;
  /** What comes next, whenever that changes. */
  next(trigger: Trigger | undefined, timeZone: string): void;
  missed(triggers: readonly Trigger[], timeZone: string): void;
  problem(error: Error): void;
  /** What fired cannot be written down; told once until it can. */
  unsaved(error: Error): void;
}

/** How far ahead the next trigger is looked for, and how long the node can go on when its engine is away. */
const ahead = 7 * 86_400_000;
/** Changes are told by the engine; this is for what lies further ahead than it watches. */
const readEvery = 5 * 60_000;
/** Timers stand still while a machine sleeps, so the clock itself is looked at this often. */
const longestSleep = 20_000;
/** What is due waits this long for an answer, to know of what was moved or deleted meanwhile. */
const patience = 5_000;

/** Fires triggers when they are due, over sleep, restarts and clocks that are set. */
export class CalendarWatch {
  readonly #o: WatchOptions;
  readonly #stop = new AbortController();
  #memory!: Memory;
  #timeZone = "UTC";
  #triggers: readonly Trigger[] | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #isUnsaved = false;
  /** Something changed that was not read yet. */
  #isStale = false;
  #reading: Promise<void> | undefined;
  #nap = new AbortController();
  #told: string | undefined;
  readonly #done: Promise<void>;

  constructor(options: WatchOptions) {
    this.#o = options;
    this.#done = this.#run();
  }

  /** The calendars changed. */
  changed(): void {
    this.#isStale = true;
    this.#nap.abort();
  }
  /** Resolves when nothing fires any more and what fired is remembered. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#nap.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock, memory, settings } = this.#o;
    const known = await memory.load();
    this.#memory = resume(known, settings, clock.now());
    if (this.#memory !== known) await this.#save(this.#memory);
    while (!this.#stop.signal.aborted) {
      let due: number | undefined;
      try {
        if (this.#isStale || Math.abs(clock.now() - this.#readAt) >= readEvery) await this.#read();
        due = await this.#look();
      } catch (error) {
        this.#tell(error);
      }
      await this.#sleep(Math.min(longestSleep, (due ?? Number.POSITIVE_INFINITY) - clock.now()));
    }
  }

  /** Reads the calendars, or goes on with what is known when that takes too long. */
  async #read(): Promise<void> {
    this.#reading ??= this.#ask().finally(() => {
      this.#reading = undefined;
      this.#nap.abort();
    });
    const waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, this.#stop.signal]);
    await Promise.race([this.#reading, this.#o.clock.sleep(patience, signal).catch(() => {})]);
    waiting.abort();
  }
  async #ask(): Promise<void> {
    const { clock, limit, triggers, list } = this.#o;
    const now = clock.now();
    const reach = reachOf(triggers, limit, ahead);
    this.#isStale = false;
    this.#readAt = now;
    try {
      const { events, timeZone } = await list(now - reach.back, now + reach.ahead);
      this.#timeZone = timeZone;
      this.#triggers = triggersOf(events, triggers, timeZone);
    } catch (error) {
      // Again after the next nap.
      this.#readAt = Number.NEGATIVE_INFINITY;
      this.#tell(error);
    }
  }

  /** Fires what is due; when the next is. */
  async #look(): Promise<number | undefined> {
    if (!this.#triggers || this.#stop.signal.aborted) return undefined;
    const timeZone = this.#timeZone;
    const { clock, limit, fire, next, missed } = this.#o;
    const now = clock.now();
    const before = this.#memory;
    const done = step(before, this.#triggers, now, limit);
    this.#memory = done.memory;
    if (done.fire.length > 0) {
      // Remembered first: after a crash in between, one message too few is better than a door that opens twice.
      await this.#save(done.memory);
      if (this.#stop.signal.aborted) {
        // Nobody would hear it; whoever comes next fires it.
        await this.#save(before);
        return undefined;
      }
      for (const trigger of done.fire) fire(trigger, now, timeZone);
    }
    if (done.missed.length > 0) missed(done.missed, timeZone);
    const told = done.next ? `${done.next.due} ${done.next.event.summary} ${new Date(now).toDateString()}` : "";
    if (told !== this.#told) next(done.next, timeZone);
    this.#told = told;
    return done.next?.due;
  }

  async #save(memory: Memory): Promise<void> {
    try {
      await this.#o.memory.save(memory);
      this.#isUnsaved = false;
    } catch (error) {
      if (!this.#isUnsaved) this.#o.unsaved(error instanceof Error ? error : new Error(String(error)));
      this.#isUnsaved = true;
    }
  }
  #tell(error: unknown): void {
    this.#o.problem(error instanceof Error ? error : new Error(String(error)));
  }

  /** Until then, or until something happens. */
  async #sleep(ms: number): Promise<void> {
    if (this.#stop.signal.aborted || this.#isStale) return;
    this.#nap = new AbortController();
    await this.#o.clock.sleep(Math.max(0, ms), this.#nap.signal).catch(() => {});
  }
}
