import type { HistoryEntry } from "../model/index.ts";

/** How well one subject was predicted, at the moments of which the truth is known. */
export interface Calibration {
  moments: number;
  /** Geometric mean of the probability that was given to what then happened. */
  ours: number;
  /** The same for somebody who only knows how often each thing happens. */
  guess: number;
  /** What was said in a range of probabilities, and how often it came true. Only ranges in which something was said. */
  bins: readonly { from: number; to: number; said: number; came: number }[];
}

/** Predictions are made for the hour too; what is judged is the quarter of an hour. */
const horizon = 15 * 60_000;
/** Predictions older than this say nothing about a moment. */
const freshMs = 3_600_000;
/** Fewer moments say nothing. */
const fewest = 5;
const ranges = 5;
/** Below this a probability counts as this, so that one surprise does not decide everything. */
const floor = 0.001;

/** @returns undefined when too little is known */
export function calibrate(entries: readonly HistoryEntry[], subject: string): Calibration | undefined {
  const predictions = entries
    .filter((e) => e.kind === "prediction" && e.subject === subject && e.horizon === horizon)
    .map((e) => e as Extract<HistoryEntry, { kind: "prediction" }>);
  const pairs = entries.flatMap((e) => {
    if (e.kind !== "label" || e.subject !== subject) return [];
    const from = Date.parse(e.from);
    // What was said once it had begun is no prediction of it.
    const before = predictions.findLast((p) => Date.parse(p.at) < from && from - Date.parse(p.at) <= freshMs);
    return before ? [{ persona: e.persona, distribution: before.distribution }] : [];
  });
  if (pairs.length < fewest) return undefined;
  const counts = Map.groupBy(pairs, (p) => p.persona);
  const mean = (share: (pair: (typeof pairs)[number]) => number) =>
    Math.exp(pairs.reduce((sum, pair) => sum + Math.log(Math.max(floor, share(pair))), 0) / pairs.length);
  const said = pairs.flatMap(({ persona, distribution }) => Object.entries(distribution).map(([id, p]) => ({ p, came: id === persona })));
  return {
    moments: pairs.length,
    ours: mean(({ persona, distribution }) => distribution[persona] ?? 0),
    guess: mean(({ persona }) => counts.get(persona)!.length / pairs.length),
    bins: Array.from({ length: ranges }, (_, i) => {
      const inside = said.filter(({ p }) => Math.min(ranges - 1, Math.floor(p * ranges)) === i);
      const average = (value: (s: (typeof said)[number]) => number) => inside.reduce((sum, s) => sum + value(s), 0) / inside.length;
      return inside.length === 0
        ? []
        : [{ from: i / ranges, to: (i + 1) / ranges, said: average((s) => s.p), came: average((s) => Number(s.came)) }];
    }).flat(),
  };
}
