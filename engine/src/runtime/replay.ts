import { describeIssues } from "@network-personas/personas";
import { z } from "zod";
import { BadInput, type EngineEvent, Instant, type Label, SignalInput, type Sureness } from "../model/index.ts";
import { SqliteStore } from "../store/index.ts";
import { loadHome } from "./home-file.ts";
import { learningGrid } from "./learning.ts";
import { type OpenEngineOptions, openEngine } from "./open-engine.ts";
import { Rivals, type Score } from "./rivals.ts";
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

export interface ReplayOptions extends Omit<OpenEngineOptions, "clock" | "store"> {
  recording: Recording;
  /** Milliseconds between looks; default one minute. */
  step?: number;
  onEvent(event: EngineEvent): void;
  /** Share of the recording that is done, 0..1. Awaited, so that a slower speed can be kept. */
  onProgress(share: number, at: string): Promise<void> | void;
}

/** Feeds a recording through the whole engine with a virtual clock and scores the predictions against what really happened. */
export async function replay(options: ReplayOptions): Promise<{ scores: Score[]; sureness: Sureness[]; labels: readonly Label[] }> {
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
  return { scores: rivals.scores(labels), sureness: rivals.sureness(labels), labels };
}
