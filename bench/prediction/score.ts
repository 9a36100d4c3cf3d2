import type { HomeLog } from "./home-log.ts";
import { idleClass, type Sample, type Task } from "./protocol.ts";

/** How good a set of predictions was. Log loss in nats; Brier summed over classes; calibration error over 15 equal bins of the top probability. */
export interface Score {
  n: number;
  logloss: number;
  brier: number;
  top1: number;
  top2: number;
  ece: number;
}
export type Parts = Partial<Record<"main" | "cold" | "change" | "gap", Score>>;

const floor = 1e-3;
const bins = 15;
const fewest = 5;

/** The floor every method gets, over the classes that are possible at all. */
export function floored(p: ArrayLike<number>, allowed: readonly boolean[]): Float64Array {
  const candidates = allowed.filter(Boolean).length;
  let sum = 0;
  for (let k = 0; k < p.length; k++) if (allowed[k]) sum += p[k]!;
  return Float64Array.from(p, (v, k) => (allowed[k] ? (1 - floor) * (sum > 0 ? v / sum : 1 / candidates) + floor / candidates : 0));
}

export function score(predictions: readonly Float64Array[], answers: readonly number[]): Score | undefined {
  const n = answers.length;
  if (n < fewest) return undefined;
  const total = { logloss: 0, brier: 0, top1: 0, top2: 0 };
  const perBin = Array.from({ length: bins }, () => ({ hits: 0, confidence: 0 }));
  predictions.forEach((p, i) => {
    const y = answers[i]!;
    let first = 0;
    for (let k = 1; k < p.length; k++) if (p[k]! >= p[first]!) first = k;
    let second = -1;
    for (let k = 0; k < p.length; k++) if (k !== first && (second < 0 || p[k]! >= p[second]!)) second = k;
    total.logloss -= Math.log(p[y]!);
    p.forEach((v, k) => {
      total.brier += (v - (k === y ? 1 : 0)) ** 2;
    });
    const hit = first === y ? 1 : 0;
    total.top1 += hit;
    total.top2 += hit || second === y ? 1 : 0;
    const bin = perBin[Math.min(bins - 1, Math.floor(p[first]! * bins))]!;
    bin.hits += hit;
    bin.confidence += p[first]!;
  });
  const ece = perBin.reduce((sum, b) => sum + Math.abs(b.hits - b.confidence), 0) / n;
  return { n, logloss: total.logloss / n, brier: total.brier / n, top1: total.top1 / n, top2: total.top2 / n, ece };
}

/** Days before scoring starts. */
export const warmup = (home: HomeLog): number => Math.min(7, Math.ceil(home.days / 4));

/** The parts of a run the protocol reports. */
export function scoreParts(home: HomeLog, task: Task, samples: readonly Sample[], predictions: readonly Float64Array[]): Parts {
  const start = warmup(home) * 1440;
  const part = (wanted: (s: Sample) => boolean): Score | undefined => {
    const chosen = samples.map((_, i) => i).filter((i) => samples[i]!.answer >= 0 && wanted(samples[i]!));
    return score(
      chosen.map((i) => predictions[i]!),
      chosen.map((i) => samples[i]!.answer),
    );
  };
  const quiet = new Set(["asleep", "away"]);
  const afterGap = ({ moment }: Sample) =>
    moment.dwell >= 30 && (idleClass(home, moment.current) || quiet.has(home.classes[moment.current]!));
  const parts: [keyof Parts, Score | undefined][] = [
    ["main", part((s) => s.at >= start)],
    ["cold", part((s) => s.at < start && s.at >= 1440)],
    task === "ONSET"
      ? ["gap", part((s) => s.at >= start && afterGap(s))]
      : ["change", part((s) => s.at >= start && s.answer !== s.moment.current)],
  ];
  return Object.fromEntries(parts.filter(([, s]) => s)) as Parts;
}
