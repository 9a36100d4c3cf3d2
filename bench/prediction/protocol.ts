import { type Moment, type Past, type Run, readPast } from "../../engine/src/predict/core/moment.ts";
import type { HomeLog } from "./home-log.ts";

export const tasks = ["T15", "T60", "ONSET"] as const;
export type Task = (typeof tasks)[number];

/** One question of the protocol: the moment, the answer, and when the answer is known (minutes of the log). */
export interface Sample {
  /** Minute of the log. */
  at: number;
  moment: Moment;
  /** Class index, -1 when a minute of the window is missing. */
  answer: number;
  known: number;
}

export const step = 15;
const priorities: Readonly<Record<string, number>> = {
  kitchen: 3,
  laundry: 2,
  dishwasher: 1,
  none: 0,
  "stream-tv": 2,
  "stream-other": 1,
  idle: 0,
};
const idleNames = new Set(["idle", "none"]);
export const idleClass = (home: HomeLog, k: number): boolean => idleNames.has(home.classes[k] ?? "");

/** The class of a window of minutes; -1 when one is missing. */
export function windowClass(home: HomeLog, from: number, to: number): number {
  const counts = new Array<number>(home.classes.length).fill(0);
  for (let i = from; i < to; i++) {
    const k = home.minutes[i]!;
    if (k < 0) return -1;
    counts[k]!++;
  }
  if (home.target === "dominant") return counts.indexOf(Math.max(...counts));
  const priority = (k: number) => priorities[home.classes[k]!] ?? 0;
  let best = -1;
  for (let k = 0; k < counts.length; k++) if (counts[k]! > 0 && (best < 0 || priority(k) > priority(best))) best = k;
  return best;
}

export const horizonOf = (task: Task): number => (task === "T15" ? 15 : 60);

/** All samples of a task, in time order. */
export function samplesOf(home: HomeLog, task: Task): Sample[] {
  const { minutes } = home;
  const horizon = horizonOf(task);
  const at: number[] = [];
  if (task === "ONSET") {
    for (let m = 1; m < minutes.length; m++) {
      if (minutes[m] !== minutes[m - 1] && minutes[m]! >= 0 && minutes[m - 1]! >= 0 && !idleClass(home, minutes[m]!)) at.push(m);
    }
  } else for (let m = step; m <= minutes.length - horizon; m += step) at.push(m);
  const describe = describer(home, horizon);
  return at.map((m) => {
    const moment = describe(m, task);
    return task === "ONSET"
      ? { at: m, moment, answer: minutes[m]!, known: m + 1 }
      : { at: m, moment, answer: windowClass(home, m, m + horizon), known: m + horizon };
  });
}

function runsOf(home: HomeLog): Run[] {
  const runs: Run[] = [];
  home.minutes.forEach((k, i) => {
    const open = runs.at(-1);
    if (open?.class === k) open.end = i + 1;
    else runs.push({ class: k, start: i, end: i + 1 });
  });
  return runs;
}

/** Describes moments of a home in ascending order, from nothing but the minutes before them. */
function describer(home: HomeLog, horizon: number): (m: number, task: Task) => Moment {
  const runs = runsOf(home);
  const classes = home.classes.length;
  const isIdle = (k: number) => idleClass(home, k);
  const { loc, agg, cal, dev } = home.extra;
  const sums = agg && prefixSums(agg);
  let open = 1;
  return (m, task) => {
    while (open < runs.length && runs[open]!.start < m) open++;
    const past: Past = readPast(runs, m, classes, isIdle, open);
    const running = runs[open - 1]!;
    past.dwell = m - running.start;
    past.current = Math.max(0, running.class);
    const now = home.start + m;
    const back = (days: number) => (m >= days * 1440 ? windowClass(home, m - days * 1440, m - days * 1440 + horizon) : -1);
    const day = Math.floor(now / 1440);
    const load = agg && sums ? loadAt(agg, sums, m) : undefined;
    return {
      ...past,
      day,
      minute: now % 1440,
      weekday: (day + 3) % 7,
      horizon,
      yesterday: back(1),
      lastWeek: back(7),
      place: loc ? `${loc[m - 1]}` : "",
      devices: dev ? `${dev[m - 1]}` : "",
      calendar: cal ? `${cal[m]}` : "",
      ...(load ? { load } : {}),
      allowed: home.classes.map((_, k) => task !== "ONSET" || (!isIdle(k) && k !== past.current)),
      root: home.classes.map(() => 1 / classes),
      stated: {},
    };
  };
}

function prefixSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}

function loadAt(values: Float64Array, sums: Float64Array, m: number) {
  const mean = (from: number, to: number, over: number) => (sums[Math.max(0, to)]! - sums[Math.max(0, from)]!) / over;
  const quarter = mean(m - 15, m, 15);
  return { now: values[m - 1]!, mean: quarter, change: quarter - mean(m - 60, m - 15, 45) };
}
