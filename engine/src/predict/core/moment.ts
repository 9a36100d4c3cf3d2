/** One stretch of time with one class. Minutes are local wall time, counted from 1970-01-01 00:00; `end` is exclusive. */
export interface Run {
  class: number;
  start: number;
  end: number;
}

/** Measured load of the home as a stand-in for live traffic: the last minute, the last quarter of an hour, and its change. */
export interface Load {
  now: number;
  mean: number;
  change: number;
}

/**
 * A moment as the core sees it: class indices instead of personas, nothing from after it.
 * `-1` and `""` mean "not known".
 */
export interface Moment {
  /** Local day since 1970-01-01. */
  day: number;
  minute: number;
  /** 0 = Monday. */
  weekday: number;
  /** Minutes that the window predicted covers. */
  horizon: number;
  current: number;
  /** How sure `current` is, 0..1; 1 when absent. */
  certainty?: number;
  /** Minutes the current class has lasted. */
  dwell: number;
  previous: number;
  previousDwell: number;
  previous2: number;
  /** Latest two activities that are not idle, and minutes since the latest was seen. */
  last: number;
  last2: number;
  sinceLast: number;
  /** Minutes since each class was seen, capped. */
  since: readonly number[];
  /** How often each class started since 04:00. */
  timesToday: readonly number[];
  /** Bit k mod 31 is set when class k was seen in the last hour. */
  lately: number;
  /** Activities begun since 04:00. */
  nthToday: number;
  /** Main class of the same window a day and a week ago. */
  yesterday: number;
  lastWeek: number;
  place: string;
  devices: string;
  calendar: string;
  /** An appointment that binds the moment: what it is called, and how strongly each class was declared to be meant by it. */
  appointment?: { code: string; declared: readonly number[] };
  load?: Load;
  /** Classes that can come next. */
  allowed: readonly boolean[];
  /** What to expect of each class before anything is known; sums to 1. */
  root: readonly number[];
  /** Evidence that is not counted but stated: log-odds per class, by input name. */
  stated: Readonly<Record<string, readonly number[]>>;
}

/** Whether what is going on may still be going on in the window. */
export const canStay = ({ current, allowed }: Moment): boolean => current >= 0 && allowed[current] === true;

const day = 1440;
/** A moment tells of what went on up to so many minutes before it. */
export const sinceCap: number = 3 * day;
const dayStart = 240;

/** What runs up to `now` say about the moment `now`. */
export type Past = Pick<
  Moment,
  | "current"
  | "dwell"
  | "previous"
  | "previousDwell"
  | "previous2"
  | "last"
  | "last2"
  | "sinceLast"
  | "since"
  | "timesToday"
  | "lately"
  | "nthToday"
>;

/**
 * Reads the past off a list of runs (ascending, the last one reaching `now` or earlier).
 * `isIdle` tells which classes mean "nothing in particular"; `open` is the number of runs to look at.
 */
export function readPast(runs: readonly Run[], now: number, classes: number, isIdle: (k: number) => boolean, open = runs.length): Past {
  const since = new Array<number>(classes).fill(sinceCap);
  const timesToday = new Array<number>(classes).fill(0);
  const today = Math.floor((now - 1 - dayStart) / day) * day + dayStart;
  const tail = runs[open - 1];
  const activities: number[] = [];
  let sinceLast = sinceCap;
  let lately = 0;
  let nthToday = 0;
  for (let i = open - 1; i >= 0; i--) {
    const run = runs[i]!;
    const end = Math.min(run.end, now);
    const ago = now - end;
    if (ago > sinceCap) break;
    const k = run.class;
    if (k < 0 || k >= classes) continue;
    if (ago + 1 < since[k]!) since[k] = ago + 1;
    if (ago < 60) lately |= 1 << (k % 31);
    const startedToday = run.start >= today;
    if (startedToday) timesToday[k]!++;
    if (isIdle(k)) continue;
    if (startedToday) nthToday++;
    if (activities.length === 0) sinceLast = ago + 1;
    if (activities.length < 2 && activities.at(-1) !== k) activities.push(k);
  }
  const current = tail && tail.end >= now ? tail.class : -1;
  const previous = runs[open - 2];
  return {
    current,
    dwell: tail ? now - tail.start : 0,
    previous: previous?.class ?? -1,
    previousDwell: previous ? previous.end - previous.start : 0,
    previous2: runs[open - 3]?.class ?? -1,
    last: activities[0] ?? -1,
    last2: activities[1] ?? -1,
    sinceLast,
    since,
    timesToday,
    lately,
    nthToday,
  };
}

/** The class with most minutes in [from, to), ties to the lower one; -1 when a minute of it is unknown. */
export function mainClass(runs: readonly Run[], from: number, to: number, classes: number, open = runs.length): number {
  const minutes = new Array<number>(classes).fill(0);
  let covered = 0;
  for (let i = firstEndingAfter(runs, from, open); i < open; i++) {
    const run = runs[i]!;
    if (run.start >= to) break;
    if (run.class < 0) return -1;
    const overlap = Math.min(run.end, to) - Math.max(run.start, from);
    minutes[run.class]! += overlap;
    covered += overlap;
  }
  return covered < to - from ? -1 : minutes.indexOf(Math.max(...minutes));
}

function firstEndingAfter(runs: readonly Run[], at: number, open: number): number {
  let low = 0;
  let high = open;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]!.end > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
