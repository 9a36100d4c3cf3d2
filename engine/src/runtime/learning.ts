import type { PersonaSet } from "@network-personas/personas";
import { labelsFrom, outcomeOf } from "../adapt/index.ts";
import type { Log } from "../driver/port.ts";
import { type FeatureVector, type Instant, type Label, later, type Prediction, type Signal } from "../model/index.ts";
import type { Scorer } from "../predict/index.ts";
import type { SavedState, Store } from "../store/index.ts";

/** Predictions are kept for learning on this grid, so that a restless evening teaches no more than a quiet one. */
export const learningGrid = 15 * 60_000;
/** Labels this old still say what usually follows what. */
const labelMemory = 9 * 24 * 60 * 60_000;
/** A window is learned from a little after it ended, so that late labels count. */
const patience = 5 * 60_000;

/** Turns what really happened into better predictions. Holds the learned state of every subject. */
export class Learning {
  readonly #store: Store;
  readonly #scorer: Scorer;
  readonly #log: Log;
  readonly #states = new Map<string, unknown>();
  #labels: Label[] = [];

  constructor(store: Store, scorer: Scorer, log: Log) {
    this.#store = store;
    this.#scorer = scorer;
    this.#log = log;
  }
  get scorer(): Scorer {
    return this.#scorer;
  }
  get states(): ReadonlyMap<string, unknown> {
    return this.#states;
  }
  /** Newest first. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  async load(at: Instant): Promise<void> {
    this.#labels = [...(await this.#store.labels(later(at, -labelMemory)))];
    for (const saved of await this.#store.states(this.#scorer.id)) {
      try {
        this.#states.set(saved.subject, this.#scorer.restore(saved.data, saved.version));
      } catch (error) {
        // Set aside, never silently emptied: what was learned may be worth a repair.
        await this.#store.setFact(`unreadable ${this.#scorer.id} ${saved.subject} ${at}`, saved.data);
        this.#log.warn(
          `what was learned about ${saved.subject} cannot be read (${error instanceof Error ? error.message : error}); it was set aside and learning starts anew`,
        );
      }
    }
  }

  /** Takes in new labels; returns those that were not known before. */
  async observe(signals: readonly Signal[], at: Instant): Promise<Label[]> {
    const known = new Map(this.#labels.map((label) => [key(label), label]));
    const found = labelsFrom(signals, at).filter((label) => known.get(key(label))?.to !== label.to);
    if (found.length === 0) return [];
    await this.#store.addLabels(found);
    const begun = found.filter((label) => !known.has(key(label)));
    for (const label of found) known.set(key(label), label);
    this.#labels = [...known.values()].filter((l) => l.to > later(at, -labelMemory)).sort((a, b) => (a.from < b.from ? 1 : -1));
    return begun;
  }

  /** Remembers predictions made on the grid together with their inputs. */
  async remember(predictions: readonly { prediction: Prediction; features: FeatureVector }[]): Promise<void> {
    await this.#store.addPredictions(predictions);
  }

  /** Learns from every prediction whose window is over and whose outcome is known; unlabelled time teaches nothing. */
  async learn(personas: PersonaSet, at: Instant): Promise<number> {
    const due = await this.#store.pendingPredictions(later(at, -patience));
    if (due.length === 0) return 0;
    const touched = new Set<string>();
    for (const { prediction, features } of due) {
      const outcome = outcomeOf(prediction, this.#labels);
      if (!outcome || !personas.has(outcome.persona)) continue;
      const state = this.#states.get(prediction.subject) ?? this.#scorer.create();
      this.#states.set(prediction.subject, this.#scorer.learn(state, { features, ...outcome }, personas));
      touched.add(prediction.subject);
    }
    await this.#store.learned(
      due.map((d) => d.id),
      [...touched].map(
        (subject): SavedState => ({
          scorer: this.#scorer.id,
          subject,
          version: this.#scorer.version,
          data: this.#scorer.save(this.#states.get(subject)),
        }),
      ),
    );
    return touched.size;
  }
}

const key = (label: Label) => `${label.subject} ${label.from} ${label.source}`;
