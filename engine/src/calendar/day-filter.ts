import type { NthDay, Rule } from "./rule.ts";
import { civil, type Day, dayNumber, daysInMonth, firstWeek, isLeap, weekday, type YearMonthDay } from "./wall.ts";

/** The parts of a rule that decide on days, with what DTSTART fills in. */
export interface DayFilter {
  /** Bit m set: month m is wanted; 0 means every month. */
  months: number;
  monthDays: readonly number[];
  yearDays: readonly number[];
  weeks: readonly number[];
  weekStart: number;
  /** Bit w set: weekday w is wanted, whichever of its month it is. */
  weekdays: number;
  nthDays: readonly NthDay[];
  /** What `nth` counts within. */
  nthOf: "month" | "year";
  skip: Rule["skip"];
}

const mask = (numbers: readonly number[]): number => numbers.reduce((bits, n) => bits | (1 << n), 0);

export function dayFilter(rule: Rule, start: Day): DayFilter {
  const { frequency } = rule;
  let { byMonth, byMonthDay, byDay } = rule;
  const saysNoDay = byDay.length + byMonthDay.length + rule.byYearDay.length + rule.byWeekNo.length === 0;
  if (saysNoDay) {
    const anchor = civil(start);
    if (frequency === "YEARLY" && byMonth.length === 0) byMonth = [anchor.month];
    if (frequency === "YEARLY" || frequency === "MONTHLY") byMonthDay = [anchor.day];
    if (frequency === "WEEKLY") byDay = [{ nth: 0, weekday: weekday(start) }];
  }
  // Only years and months have an nth weekday; finer frequencies take the day of the week alone.
  const counted = frequency === "MONTHLY" || (frequency === "YEARLY" && rule.byWeekNo.length === 0);
  return {
    months: mask(byMonth),
    monthDays: byMonthDay,
    yearDays: rule.byYearDay,
    weeks: rule.byWeekNo,
    weekStart: rule.weekStart,
    weekdays: mask(byDay.filter((d) => !counted || d.nth === 0).map((d) => d.weekday)),
    nthDays: counted ? byDay.filter((d) => d.nth !== 0) : [],
    nthOf: frequency === "YEARLY" && byMonth.length === 0 ? "year" : "month",
    skip: rule.skip,
  };
}

/** Work that may still be done; one unit per day or time looked at. */
export interface Budget {
  left: number;
}

/** Days of [first, last] that pass, ascending. Stops early when the budget is used up. */
export function matchingDays(filter: DayFilter, first: Day, last: Day, budget: Budget): Day[] {
  const days: Day[] = [];
  const at = civil(first);
  let length = daysInMonth(at.year, at.month);
  for (let day = first; day <= last && budget.left > 0; ) {
    budget.left--;
    const wanted = filter.months === 0 || (filter.months & (1 << at.month)) !== 0;
    if (wanted && passes(filter, day, at, length)) days.push(day);
    const step = wanted ? 1 : length - at.day + 1;
    day += step;
    at.day += step;
    if (at.day > length) {
      at.day = 1;
      at.month = at.month === 12 ? 1 : at.month + 1;
      if (at.month === 1) at.year++;
      length = daysInMonth(at.year, at.month);
    }
  }
  return days;
}

function passes(filter: DayFilter, day: Day, at: YearMonthDay, monthLength: number): boolean {
  const { monthDays, yearDays, weeks, nthDays } = filter;
  if (monthDays.length > 0 && !monthDays.includes(at.day) && !monthDays.includes(at.day - monthLength - 1)) return false;
  if (filter.weekdays !== 0 || nthDays.length > 0) {
    const isWanted =
      (filter.weekdays & (1 << weekday(day))) !== 0 ||
      nthDays.some((d) => d.weekday === weekday(day) && isNth(filter, day, at, monthLength, d.nth));
    if (!isWanted) return false;
  }
  if (yearDays.length > 0) {
    const ofYear = day - dayNumber(at.year, 1, 1) + 1;
    if (!yearDays.includes(ofYear) && !yearDays.includes(ofYear - yearLength(at.year) - 1)) return false;
  }
  if (weeks.length > 0) {
    const [week, ofYear] = weekNumber(day, at.year, filter.weekStart);
    if (!weeks.includes(week) && !weeks.includes(week - ofYear - 1)) return false;
  }
  return true;
}

const yearLength = (year: number): number => (isLeap(year) ? 366 : 365);

function isNth(filter: DayFilter, day: Day, at: YearMonthDay, monthLength: number, nth: number): boolean {
  const inYear = filter.nthOf === "year";
  const index = inYear ? day - dayNumber(at.year, 1, 1) : at.day - 1;
  const length = inYear ? yearLength(at.year) : monthLength;
  return nth > 0 ? Math.floor(index / 7) + 1 === nth : -(Math.floor((length - 1 - index) / 7) + 1) === nth;
}

/** Week of a day and how many weeks its week-year has. */
function weekNumber(day: Day, year: number, weekStart: number): [number, number] {
  let weekYear = year;
  if (day < firstWeek(year, weekStart)) weekYear--;
  else if (day >= firstWeek(year + 1, weekStart)) weekYear++;
  const first = firstWeek(weekYear, weekStart);
  return [Math.floor((day - first) / 7) + 1, Math.round((firstWeek(weekYear + 1, weekStart) - first) / 7)];
}

/** Where days that the months from `first` to `last` do not have go to (RFC 7529 SKIP). */
export function skippedDays(filter: DayFilter, first: Day, last: Day): Day[] {
  if (filter.skip === "OMIT") return [];
  const days: Day[] = [];
  for (let day = first; day <= last; ) {
    const { year, month } = civil(day);
    const length = daysInMonth(year, month);
    const wanted = filter.months === 0 || (filter.months & (1 << month)) !== 0;
    const monthStart = dayNumber(year, month, 1);
    if (wanted && filter.monthDays.some((d) => d > length)) days.push(monthStart + length - (filter.skip === "BACKWARD" ? 1 : 0));
    day = monthStart + length;
  }
  return days;
}
