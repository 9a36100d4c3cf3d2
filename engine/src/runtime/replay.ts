import { describeIssues, type PersonaSet } from "@network-personas/personas";
import { z } from "zod";
import { outcomeOf } from "../adapt/index.ts";
import {
  BadInput,
  type Distribution,
  type EngineEvent,
  type FeatureVector,
  Instant,
  type Label,
  later,
  type Prediction,
  SignalInput,
} from "../model/index.ts";
import { type Scorer, scorers } from "../predict/index.ts";
import { SqliteStore } from "../store/index.ts";
import { loadHome } from "./home-file.ts";
import { learningGrid } from "./learning.ts";
import { type OpenEngineOptions, openEngine } from "./open-engine.ts";
import { type Decision, mostProbable } from "./pipeline.ts";
import { VirtualClock } from "./virtual-clock.ts";

const Header = z.object({ recorded: z.string().optional(), from: Instant, to: Instant });
const Line = z.strictObject({ at: Instant, signal: z.unknown() });

/** Signals as they came, with the span they cover. */
export interface Recording {
  from: string;
  to: string;
  signals: readonly { at: string; signal: SignalInput }[];
}

/**
 * Reads a recording: JSON lines, first `{from, to}`, then `{at, signal}` with signals as for POST /v1/signals.
 * @throws BadInput naming line and field
 */
export function parseRecording(text: string): Recording {
  const lines = text
    .split("\n")
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const read = <S extends z.ZodType>(schema: S, value: unknown, number: number): z.output<S> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [first] = describeIssues(parsed.error);
    throw new BadInput(`line ${number}${first!.field ? ` ${first!.field}` : ""}`, first!.message);
  };
  const json = (line: string, number: number): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      throw new BadInput(`line ${number}`, "is not JSON");
    }
  };
  const [head, ...rest] = lines;
  if (!head) throw new BadInput("line 1", 'is missing; a recording begins with {"from": …, "to": …}');
  const { from, to } = read(Header, json(head.line, head.number), head.number);
  const signals = rest.map(({ line, number }) => {
    const { at, signal } = read(Line, json(line, number), number);
    read(SignalInput, signal, number);
    return { at, signal: signal as SignalInput };
  });
  return { from, to, signals: signals.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)) };
}

/** How well one way of predicting did on what really happened. */
export interface Score {
  method: string;
  windows: number;
  /** Mean of -ln p(what happened), in nats; 0 is perfect. */
  logLoss: number;
  /** Share of windows whose most probable persona was right. */
  top1: number;
}

export interface ReplayOptions extends Omit<OpenEngineOptions, "clock" | "store"> {
  recording: Recording;
  /** Milliseconds between looks; default one minute. */
  step?: number;
  onEvent(event: EngineEvent): void;
  /** Share of the recording that is done, 0..1. Awaited, so that a slower speed can be kept. */
  onProgress(share: number, at: string): Promise<void> | void;
}

/** Feeds a recording through the whole engine with a virtual clock and scores the predictions against what really happened. */
export async function replay(options: ReplayOptions): Promise<{ scores: Score[]; labels: readonly Label[] }> {
  const { recording, step = 60_000, onEvent, onProgress } = options;
  const clock = new VirtualClock(recording.from);
  const { home } = await loadHome(options.home);
  const { engine, store } = await openEngine({ ...options, clock, store: new SqliteStore(":memory:", home.home.id) });
  const rivals = new Rivals(["additive"]);
  const unsubscribe = engine.subscribe(onEvent);
  let labels: readonly Label[] = [];
  try {
    const start = Date.parse(recording.from);
    const end = Date.parse(recording.to);
    let next = 0;
    for (let now = start; now <= end; now += step) {
      await clock.advance(now - clock.now());
      while (next < recording.signals.length && Date.parse(recording.signals[next]!.at) <= now) {
        const { at, signal } = recording.signals[next++]!;
        await engine.submit([{ at, ...signal }]);
      }
      await engine.step();
      await engine.settled();
      if (now % learningGrid === 0)
        rivals.predict(engine.decisions(), engine.personaSet, await store.labels(recording.from), new Date(now).toISOString());
      await onProgress((now - start) / (end - start), new Date(now).toISOString());
    }
    labels = await store.labels(recording.from);
  } finally {
    unsubscribe();
    await engine.close();
  }
  return { scores: rivals.scores(labels), labels };
}

/** Other ways of predicting, fed the same features and taught by the same outcomes as the engine's own. */
class Rivals {
  readonly #scorers: readonly Scorer[];
  readonly #states = new Map<string, unknown>();
  readonly #made: { features: FeatureVector; distributions: Record<string, Distribution>; prediction: Prediction; taught: boolean }[] = [];
  constructor(ids: readonly string[]) {
    this.#scorers = ids.map((id) => scorers.get(id)!);
  }

  predict(decisions: readonly Decision[], personas: PersonaSet, labels: readonly Label[], at: string): void {
    for (const past of this.#made.filter((m) => !m.taught && later(m.prediction.at, m.prediction.horizon) <= at)) {
      past.taught = true;
      const outcome = outcomeOf(past.prediction, labels);
      if (outcome)
        for (const s of this.#scorers)
          this.#keep(
            s,
            past.features.subject,
            s.learn(this.#state(s, past.features.subject), { features: past.features, ...outcome }, personas),
          );
    }
    for (const { features, prediction } of decisions) {
      const distributions = Object.fromEntries(
        this.#scorers.map((s) => [s.id, s.predict(features, personas, this.#state(s, features.subject)).distribution]),
      );
      this.#made.push({
        features,
        prediction,
        distributions: { [prediction.scorer]: prediction.distribution, ...distributions },
        taught: false,
      });
    }
  }
  #state = (scorer: Scorer, subject: string): unknown => this.#states.get(`${scorer.id} ${subject}`) ?? scorer.create();
  #keep = (scorer: Scorer, subject: string, state: unknown): unknown => this.#states.set(`${scorer.id} ${subject}`, state);

  scores(labels: readonly Label[]): Score[] {
    const sums = new Map<string, { windows: number; loss: number; right: number }>();
    for (const { prediction, distributions } of this.#made) {
      const happened = outcomeOf(prediction, labels)?.persona;
      if (!happened) continue;
      const guess = Object.fromEntries(Object.keys(prediction.distribution).map((p, _, all) => [p, 1 / all.length]));
      for (const [method, distribution] of Object.entries({ ...distributions, "a guess": guess })) {
        const sum = sums.get(method) ?? { windows: 0, loss: 0, right: 0 };
        // The floor of the scoring protocol: nobody is killed by one zero.
        const p = 0.999 * (distribution[happened] ?? 0) + 0.001 / Object.keys(prediction.distribution).length;
        sums.set(method, {
          windows: sum.windows + 1,
          loss: sum.loss - Math.log(p),
          right: sum.right + (mostProbable(distribution) === happened ? 1 : 0),
        });
      }
    }
    return [...sums].map(([method, { windows, loss, right }]) => ({ method, windows, logLoss: loss / windows, top1: right / windows }));
  }
}
