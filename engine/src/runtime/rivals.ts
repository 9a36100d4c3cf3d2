import type { PersonaSet } from "@network-personas/personas";
import { outcomeOf, surenessOf } from "../adapt/index.ts";
import { type Distribution, type FeatureVector, type Label, later, mostProbable, type Prediction, type Sureness } from "../model/index.ts";
import { type Scorer, scorers } from "../predict/index.ts";
import type { Decision } from "./pipeline.ts";

/** How well one way of predicting did on what really happened. */
export interface Score {
  method: string;
  windows: number;
  /** Mean of -ln p(what happened), in nats; 0 is perfect. */
  logLoss: number;
  /** Share of windows whose most probable persona was right. */
  top1: number;
}

/** One prediction with what the rivals said about the same moment. */
interface Round {
  features: FeatureVector;
  prediction: Omit<Prediction, "evidence">;
  distributions: Readonly<Record<string, Distribution>>;
  taught: boolean;
}

/** Names of the simplest ways to predict, as people read them. */
const hourOfDay = "hour of day";
const guess = "a guess";

/** Other ways of predicting, fed the same features and taught by the same outcomes as the engine's own. */
export class Rivals {
  readonly #scorers: readonly Scorer[];
  readonly #states = new Map<string, unknown>();
  readonly #hours = new Map<string, Map<string, number>>();
  readonly #rounds: Round[] = [];
  constructor(ids: readonly string[]) {
    this.#scorers = ids.map((id) => scorers.get(id)!);
  }

  /** Lets everybody predict the moment of `decisions`, after teaching what is known by `at`. */
  predict(decisions: readonly Decision[], personas: PersonaSet, labels: readonly Label[], at: string): void {
    for (const round of this.#rounds) {
      if (round.taught || later(round.prediction.at, round.prediction.horizon) > at) continue;
      round.taught = true;
      const outcome = outcomeOf(round.prediction, labels);
      if (outcome) this.#teach(round.features, outcome, personas);
    }
    for (const { features, prediction: made } of decisions) {
      // Nobody asks for the reasons, which would be kept for weeks.
      const { subject, at: when, horizon, distribution, scorer } = made;
      const distributions = Object.fromEntries(
        this.#scorers.map((s) => [s.id, s.predict(features, personas, this.#stateOf(s, features)).distribution]),
      );
      const names = Object.keys(distribution);
      this.#rounds.push({
        features,
        prediction: { subject, at: when, horizon, distribution, scorer },
        distributions: {
          [scorer]: distribution,
          ...distributions,
          [hourOfDay]: this.#byHour(features, names),
          [guess]: Object.fromEntries(names.map((name) => [name, 1 / names.length])),
        },
        taught: false,
      });
    }
  }

  #teach(features: FeatureVector, outcome: { persona: string; weight: number }, personas: PersonaSet): void {
    for (const s of this.#scorers)
      this.#states.set(`${s.id} ${features.subject}`, s.learn(this.#stateOf(s, features), { features, ...outcome }, personas));
    const counts = this.#hours.get(hourKey(features)) ?? new Map<string, number>();
    this.#hours.set(hourKey(features), counts.set(outcome.persona, (counts.get(outcome.persona) ?? 0) + 1));
  }
  #stateOf = (scorer: Scorer, { subject }: FeatureVector): unknown => this.#states.get(`${scorer.id} ${subject}`) ?? scorer.create();
  /** How often each persona happened at this hour, one imagined time each on top. */
  #byHour(features: FeatureVector, names: readonly string[]): Distribution {
    const counts = this.#hours.get(hourKey(features));
    const total = names.reduce((sum, name) => sum + 1 + (counts?.get(name) ?? 0), 0);
    return Object.fromEntries(names.map((name) => [name, (1 + (counts?.get(name) ?? 0)) / total]));
  }

  scores(labels: readonly Label[]): Score[] {
    const sums = new Map<string, { windows: number; loss: number; right: number }>();
    for (const { distributions, happened } of this.#known(labels)) {
      for (const [method, distribution] of Object.entries(distributions)) {
        const sum = sums.get(method) ?? { windows: 0, loss: 0, right: 0 };
        // The floor of the scoring protocol: nobody is killed by one zero.
        const p = 0.999 * (distribution[happened] ?? 0) + 0.001 / Object.keys(distribution).length;
        const right = mostProbable(distribution) === happened ? 1 : 0;
        sums.set(method, { windows: sum.windows + 1, loss: sum.loss - Math.log(p), right: sum.right + right });
      }
    }
    return [...sums].map(([method, { windows, loss, right }]) => ({ method, windows, logLoss: loss / windows, top1: right / windows }));
  }

  /** Of the engine's own predictions. */
  sureness = (labels: readonly Label[]): Sureness[] =>
    surenessOf(this.#known(labels).map(({ prediction: { distribution }, happened }) => ({ distribution, happened })));

  #known(labels: readonly Label[]): (Round & { happened: string })[] {
    return this.#rounds.flatMap((round) => {
      const happened = outcomeOf(round.prediction, labels)?.persona;
      return happened === undefined ? [] : [{ ...round, happened }];
    });
  }
}

const hourKey = ({ subject, local }: FeatureVector): string => `${subject} ${Math.floor(local.minuteOfDay / 60)}`;
