import { type Budget, type DayFilter, dayFilter, matchingDays, skippedDays } from "./day-filter.ts";
import type { Frequency, Rule } from "./rule.ts";
import { civil, type Day, dayMs, dayNumber, dayOf, daysInMonth, type Wall } from "./wall.ts";

/** A rule bound to its DTSTART, ready to be asked for any window. */
export interface Recurrence {
  rule: Rule;
  start: Wall;
  filter: DayFilter;
  /** Times of a matching day in ms since midnight; for frequencies below a day, what is within one unit. */
  times: readonly number[];
  /** Times of a whole day by phase, for frequencies below a day. */
  phases: Map<number, readonly number[]>;
  /** Last instant that may be emitted. */
  until: Wall;
}

const unitMs: Partial<Record<Frequency, number>> = { HOURLY: 3_600_000, MINUTELY: 60_000, SECONDLY: 1_000 };
/** The years 1 to 9999: what lies beyond is no date in iCalendar. */
export const beginOfTime: Wall = -62_135_596_800_000;
export const endOfTime: Wall = Date.UTC(9999, 11, 31, 23, 59, 59);

export function recurrence(rule: Rule, start: Wall, options: { allDay: boolean; until?: Wall }): Recurrence {
  const inDay = start - dayOf(start) * dayMs;
  // A date has no time to recur at: below a day, every day is what is left of the rule.
  const bound: Rule = options.allDay && rule.frequency in unitMs ? { ...rule, frequency: "DAILY", interval: 1 } : rule;
  const unit = unitMs[bound.frequency] ?? dayMs;
  const list = (by: readonly number[], ms: number, span: number): readonly number[] => {
    if (unit <= ms) return [0]; // the unit itself steps through these
    return by.length > 0 && !options.allDay ? by.map((n) => n * ms) : [(Math.floor(inDay / ms) % span) * ms];
  };
  const hours = list(bound.byHour, 3_600_000, 24);
  const minutes = list(bound.byMinute, 60_000, 60);
  const seconds = list(bound.bySecond, 1_000, 60);
  const times = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => h + m + s)));
  return {
    rule: bound,
    start,
    times: bound.frequency in unitMs ? pick(times, bound.bySetPos) : times,
    filter: dayFilter(bound, dayOf(start)),
    phases: new Map(),
    until: Math.min(options.until ?? endOfTime, endOfTime),
  };
}

/** Gets a day and its times; returns false to stop. */
type Visit = (day: Day, times: readonly number[]) => boolean;
type Outcome = "done" | "stopped" | "out of budget";

/** Instances in [from, to), ascending, not before DTSTART. Says whether the budget was enough. COUNT is not looked at. */
export function instances(r: Recurrence, from: Wall, to: Wall, budget: Budget, emit: (wall: Wall) => boolean): Outcome {
  const begin = Math.max(from, r.start);
  const end = Math.min(to, r.until + 1);
  return walk(r, begin, end, budget, (day, times) => {
    const midnight = day * dayMs;
    for (const time of times) {
      const wall = midnight + time;
      if (wall < begin) continue;
      if (wall >= end) return false;
      budget.left--;
      if (!emit(wall)) return false;
    }
    return true;
  });
}

/** How far COUNT was followed: all instances up to `countedTo` are ones, and `last` is the final one when it was reached. */
export interface CountEnd {
  last?: Wall;
  countedTo: Wall;
}

/** Follows COUNT up to `to`. DTSTART is the first, whether or not the rule produces it. */
export function countEnd(r: Recurrence, count: number, to: Wall, budget: Budget): CountEnd {
  let missing = count - 1;
  let last = r.start;
  if (missing <= 0) return { last, countedTo: endOfTime };
  const outcome = walk(r, r.start, Math.min(to, r.until + 1), budget, (day, times) => {
    const midnight = day * dayMs;
    const later = midnight > r.start ? times : times.filter((time) => midnight + time > r.start);
    if (later.length > 0) last = midnight + later[Math.min(missing, later.length) - 1]!;
    missing -= later.length;
    return missing > 0;
  });
  if (missing <= 0) return { last, countedTo: endOfTime };
  return { countedTo: outcome === "out of budget" ? last : to };
}

function walk(r: Recurrence, from: Wall, to: Wall, budget: Budget, visit: Visit): Outcome {
  if (to <= from) return "done";
  return r.rule.frequency in unitMs ? walkUnits(r, from, to, budget, visit) : walkPeriods(r, from, to, budget, visit);
}

/** Days, weeks, months or years: jumps to the one that holds `from` and goes on from there by INTERVAL. */
function walkPeriods(r: Recurrence, from: Wall, to: Wall, budget: Budget, visit: Visit): Outcome {
  const { rule, filter, times } = r;
  const first = periodOf(rule, dayOf(r.start));
  const jump = Math.floor((periodOf(rule, dayOf(from)) - first) / rule.interval);
  // One period earlier, because SKIP=FORWARD reaches into the next one.
  for (let step = Math.max(0, filter.skip === "FORWARD" ? jump - 1 : jump); ; step++) {
    if (budget.left-- <= 0) return "out of budget";
    const [begin, end] = periodDays(rule, first + step * rule.interval);
    if (begin * dayMs >= to) return "done";
    const whole = rule.bySetPos.length > 0 || filter.skip !== "OMIT";
    let days = matchingDays(filter, whole ? begin : Math.max(begin, dayOf(from)), whole ? end : Math.min(end, dayOf(to - 1)), budget);
    if (budget.left <= 0) return "out of budget";
    if (filter.skip !== "OMIT") days = [...new Set([...days, ...skippedDays(filter, begin, end)])].sort((a, b) => a - b);
    if (rule.bySetPos.length > 0) {
      for (const index of positions(rule.bySetPos, days.length * times.length)) {
        if (!visit(days[Math.floor(index / times.length)]!, [times[index % times.length]!])) return "stopped";
      }
    } else {
      for (const day of days) if (!visit(day, times)) return "stopped";
    }
  }
}

/** Number of the year, month, week or day that a day is in. */
function periodOf(rule: Rule, day: Day): number {
  if (rule.frequency === "DAILY") return day;
  if (rule.frequency === "WEEKLY") return Math.floor((day + 3 - rule.weekStart) / 7);
  const { year, month } = civil(day);
  return rule.frequency === "YEARLY" ? year : year * 12 + month - 1;
}

function periodDays(rule: Rule, period: number): [Day, Day] {
  if (rule.frequency === "DAILY") return [period, period];
  if (rule.frequency === "WEEKLY") return [period * 7 - 3 + rule.weekStart, period * 7 + 3 + rule.weekStart];
  if (rule.frequency === "YEARLY") return [dayNumber(period, 1, 1), dayNumber(period, 12, 31)];
  const [year, month] = [Math.floor(period / 12), (period % 12) + 1];
  return [dayNumber(year, month, 1), dayNumber(year, month, daysInMonth(year, month))];
}

/** Hours, minutes or seconds: goes day by day, or straight to the next day that has one when the interval is longer than a day. */
function walkUnits(r: Recurrence, from: Wall, to: Wall, budget: Budget, visit: Visit): Outcome {
  const unit = unitMs[r.rule.frequency]!;
  const perDay = dayMs / unit;
  const { interval } = r.rule;
  const first = Math.floor(r.start / unit);
  for (let day = dayOf(from); day * dayMs < to; day++) {
    if (budget.left <= 0) return "out of budget";
    const next = first + Math.ceil((day * perDay - first) / interval) * interval;
    day = Math.floor(next / perDay);
    if (day * dayMs >= to) break;
    const passing = matchingDays(r.filter, day, day, budget);
    if (passing.length === 0) continue;
    const times = timesOfDay(r, next - day * perDay, budget);
    if (!times) return "out of budget";
    if (times.length > 0 && !visit(day, times)) return "stopped";
  }
  return "done";
}

/** Times of a day whose first unit is `phase`. */
function timesOfDay(r: Recurrence, phase: number, budget: Budget): readonly number[] | undefined {
  const known = r.phases.get(phase);
  if (known) return known;
  const unit = unitMs[r.rule.frequency]!;
  const { interval, byHour, byMinute, bySecond } = r.rule;
  const found: number[] = [];
  for (let at = phase * unit; at < dayMs; at += interval * unit) {
    if (budget.left-- <= 0) return undefined;
    if (byHour.length > 0 && !byHour.includes(Math.floor(at / 3_600_000))) continue;
    if (unit < 3_600_000 && byMinute.length > 0 && !byMinute.includes(Math.floor(at / 60_000) % 60)) continue;
    if (unit < 60_000 && bySecond.length > 0 && !bySecond.includes(Math.floor(at / 1_000) % 60)) continue;
    for (const time of r.times) found.push(at + time);
  }
  if (r.phases.size < 64) r.phases.set(phase, found);
  return found;
}

function positions(wanted: readonly number[], length: number): number[] {
  const indexes = wanted.map((p) => (p > 0 ? p - 1 : length + p)).filter((i) => i >= 0 && i < length);
  return [...new Set(indexes)].sort((a, b) => a - b);
}
const pick = (times: readonly number[], wanted: readonly number[]): readonly number[] =>
  wanted.length === 0 ? times : positions(wanted, times.length).map((i) => times[i]!);
