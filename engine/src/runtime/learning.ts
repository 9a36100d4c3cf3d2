import type { PersonaSet } from "@network-personas/personas";
import { labelsFrom, outcomeOf } from "../adapt/index.ts";
import type { Log } from "../driver/port.ts";
import { localTime } from "../features/index.ts";
import { between, type FeatureVector, type Instant, type Label, later, type Prediction, type Signal } from "../model/index.ts";
import type { Example, Scorer } from "../predict/index.ts";
import type { SavedState, Store } from "../store/index.ts";

/** Predictions are kept for learning on this grid, so that a restless evening teaches no more than a quiet one. */
export const learningGrid = 15 * 60_000;
/** Labels this old still say what usually follows what. */
const labelMemory = 9 * 24 * 60 * 60_000;
/** A window is learned from a little after it ended, so that late labels count. */
const patience = 5 * 60_000;
/** A label that grows is written this often: what tells of it is kept anyway. */
const keepEvery = 5 * 60_000;

/**
 * What a scorer is asked. Each question has a state of its own: what happens within a quarter of an hour says little about
 * an hour, and what starts is not what goes on.
 */
export const questions = ["15", "60", "start"] as const;
export type Question = (typeof questions)[number];
/** The horizons predictions are kept and learned for, ms. */
export const learnedHorizons = [15 * 60_000, 60 * 60_000] as const;
export const questionOf = ({ horizon, starting }: Pick<FeatureVector, "horizon" | "starting">): Question =>
  starting ? "start" : horizon <= 30 * 60_000 ? "15" : "60";

type States = Map<string, unknown>;

/** Turns what really happened into better predictions. Holds the learned states of every subject. */
export class Learning {
  readonly #store: Store;
  readonly #scorer: Scorer;
  readonly #log: Log;
  readonly #states: Record<Question, States> = { "15": new Map(), "60": new Map(), start: new Map() };
  /** People who have taught nothing yet and go by the habits of the others. */
  #newcomers: readonly string[] = [];
  /** Who wants nothing recorded: nothing is learned about them any more, nor written down that was seen before. */
  #silent: ReadonlySet<string> = new Set();
  #labels: Label[] = [];
  /** Until when each growing label has been written. */
  readonly #kept = new Map<string, Instant>();

  constructor(store: Store, scorer: Scorer, log: Log) {
    this.#store = store;
    this.#scorer = scorer;
    this.#log = log;
  }
  get scorer(): Scorer {
    return this.#scorer;
  }
  states(question: Question): ReadonlyMap<string, unknown> {
    return this.#states[question];
  }
  /** Newest first. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  async load(at: Instant): Promise<void> {
    this.#labels = [...(await this.#store.labels(later(at, -labelMemory)))];
    for (const question of questions) {
      for (const saved of await this.#store.states(this.#saved(question))) await this.#restore(question, saved, at);
    }
  }
  #saved = (question: Question): string => `${this.#scorer.id}/${question}`;

  async #restore(question: Question, saved: SavedState, at: Instant): Promise<void> {
    try {
      this.#states[question].set(saved.subject, this.#scorer.restore(saved.data, saved.version));
    } catch (error) {
      // Set aside, never silently emptied: what was learned may be worth a repair.
      await this.#store.setFact(`unreadable ${saved.scorer} ${saved.subject} ${at}`, saved.data);
      this.#log.warn(
        `what was learned about ${saved.subject} cannot be read (${error instanceof Error ? error.message : error}); it was set aside and learning starts anew`,
      );
    }
  }

  /** From now on these are neither learned about nor written down. */
  hush(silent: ReadonlySet<string>): void {
    this.#silent = silent;
    for (const label of this.#labels) if (silent.has(label.subject)) this.#kept.delete(key(label));
  }

  /** Lends people who have taught nothing yet the habits of the others. */
  welcome(people: readonly string[]): void {
    const { startFrom } = this.#scorer;
    if (!startFrom) return;
    const isNew = (person: string) => this.#newcomers.includes(person) || !questions.some((q) => this.#states[q].has(person));
    this.#newcomers = people.filter(isNew);
    for (const states of Object.values(this.#states)) {
      const others = people.filter((person) => !this.#newcomers.includes(person) && states.has(person)).map((person) => states.get(person));
      if (others.length > 0) for (const person of this.#newcomers) states.set(person, startFrom.call(this.#scorer, others));
    }
  }

  /**
   * Forgets labels of a subject (of everybody, when absent) as far as they are of a stretch of time, and what single moments in it taught;
   * without one, all that was learned. Returns what is left of what was learned where that changed, to be kept.
   */
  forget({ subject, from, to }: { subject?: string; from?: Instant; to?: Instant }, timeZone: string): SavedState[] {
    const isMeant = (one: string) => subject === undefined || one === subject;
    const whole = from === undefined && to === undefined;
    this.#labels = this.#labels.flatMap((label) => {
      const left = isMeant(label.subject) ? outside(label, from, to) : label;
      if (left !== label) this.#kept.delete(key(label));
      return left ?? [];
    });
    if (whole && subject !== undefined) {
      // What was lent of it goes as well; `welcome` lends anew.
      for (const states of Object.values(this.#states)) for (const one of [subject, ...this.#newcomers]) states.delete(one);
    }
    if (whole || !this.#scorer.forget) return [];
    const minute = (at: Instant) => {
      const { day, minuteOfDay } = localTime(at, timeZone);
      return day * 1440 + minuteOfDay;
    };
    const [first, end] = [from === undefined ? 0 : minute(from), to === undefined ? Number.MAX_SAFE_INTEGER : minute(to)];
    return questions.flatMap((question) =>
      [...this.#states[question]].flatMap(([one, state]) => {
        if (!isMeant(one) || this.#newcomers.includes(one)) return [];
        // A moment tells what came within its window, too.
        const left = this.#scorer.forget!(state, first - (question === "60" ? 60 : 15), end);
        this.#states[question].set(one, left);
        return { scorer: this.#saved(question), subject: one, version: this.#scorer.version, data: this.#scorer.save(left) };
      }),
    );
  }

  /** Takes in new labels; returns those that were not known before. */
  async observe(signals: readonly Signal[], at: Instant): Promise<Label[]> {
    const known = new Map(this.#labels.map((label) => [key(label), label]));
    const labels = labelsFrom(signals, at);
    const found = labels.filter((label) => known.get(key(label))?.to !== label.to);
    // What told of one that grows no more may have expired meanwhile.
    const growing = new Set(labels.filter((label) => label.to === at).map(key));
    const grown = [...this.#kept.keys()].filter((one) => !growing.has(one));
    for (const one of grown) this.#kept.delete(one);
    const ended = grown.flatMap((one) => (found.some((label) => key(label) === one) ? [] : (known.get(one) ?? [])));
    if (found.length + ended.length === 0) return [];
    await this.#store.addLabels([...found.filter((label) => this.#isDue(label, at)), ...ended]);
    const begun = found.filter((label) => !known.has(key(label)));
    for (const label of found) known.set(key(label), label);
    this.#labels = [...known.values()].filter((l) => l.to > later(at, -labelMemory)).sort((a, b) => (a.from < b.from ? 1 : -1));
    return begun;
  }

  #isDue(label: Label, at: Instant): boolean {
    const kept = this.#kept.get(key(label));
    if (kept !== undefined && label.to === at && between(kept, at) < keepEvery) return false;
    if (label.to === at) this.#kept.set(key(label), at);
    return true;
  }

  /** Remembers predictions made on the grid together with their inputs. */
  async remember(predictions: readonly { prediction: Prediction; features: FeatureVector }[]): Promise<void> {
    await this.#store.addPredictions(predictions);
  }

  /** Learns from every prediction whose window is over and whose outcome is known; unlabelled time teaches nothing. */
  async learn(personas: PersonaSet, at: Instant): Promise<void> {
    const due = await this.#store.pendingPredictions(later(at, -patience));
    if (due.length === 0) return;
    const touched = new Map<string, SavedState>();
    for (const { prediction, features } of due) {
      const outcome = this.#silent.has(prediction.subject) ? undefined : outcomeOf(prediction, this.#labels);
      if (!outcome || !personas.has(outcome.persona)) continue;
      this.#teach(questionOf(features), { features, ...outcome }, personas, touched);
    }
    await this.#keep(
      due.map((d) => d.id),
      touched,
    );
  }

  /** Something began: teaches at once what it was, from the features of the moment before. */
  async started(features: FeatureVector, persona: string, weight: number, personas: PersonaSet): Promise<void> {
    const touched = new Map<string, SavedState>();
    this.#teach("start", { features: { ...features, starting: true }, persona, weight }, personas, touched);
    await this.#keep([], touched);
  }

  #teach(question: Question, example: Example, personas: PersonaSet, touched: Map<string, SavedState>): void {
    const { subject } = example.features;
    const states = this.#states[question];
    states.set(subject, this.#scorer.learn(states.get(subject) ?? this.#scorer.create(), example, personas));
    this.#newcomers = this.#newcomers.filter((person) => person !== subject);
    const scorer = this.#saved(question);
    touched.set(`${scorer} ${subject}`, { scorer, subject, version: this.#scorer.version, data: "" });
  }
  /** What is learned is written once per round, however many lessons there were. */
  async #keep(ids: readonly number[], touched: ReadonlyMap<string, SavedState>): Promise<void> {
    const saved = [...touched.values()].map((t) => {
      const question = questions.find((q) => this.#saved(q) === t.scorer)!;
      return { ...t, data: this.#scorer.save(this.#states[question].get(t.subject)) };
    });
    await this.#store.learned(ids, saved);
  }
}

/** What a label says outside of a stretch of time; undefined when it began in it. */
function outside(label: Label, from: Instant = "", to: Instant = "9999"): Label | undefined {
  if (label.from >= from && label.from < to) return undefined;
  return label.from < from && label.to > from ? { ...label, to: from } : label;
}

const key = (label: Label) => `${label.subject} ${label.from} ${label.source}`;
