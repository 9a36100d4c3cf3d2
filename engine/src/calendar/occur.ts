import type { Budget } from "./day-filter.ts";
import { type BoundRule, type EventRecord, type FindZone, instantOf } from "./event.ts";
import { countEnd, instances } from "./expander.ts";
import { limits } from "./limits.ts";
import type { Length, Stamp, TimeValue } from "./property.ts";
import { endOf, holds, type MasterRecord, repeats, type Segment, type Series } from "./series.ts";
import { dayMs, dayOf, type Wall } from "./wall.ts";
import { toUtc, toWall, type Zone } from "./zone.ts";

/** Instants; what overlaps [from, to) is wanted. */
export interface Window {
  from: number;
  to: number;
}
/** Which of the occurrences of its UID one is. */
export interface Instance {
  recurring: boolean;
  /** When the series has it, also where it was moved; absent where a UID has but one occurrence. */
  instant?: number;
}
/** One answer in the making. */
export interface Answer {
  window: Window;
  findZone: FindZone;
  /** Gets one occurrence; `event` says what it looks like. */
  show(event: EventRecord, start: number, end: number, instance: Instance): void;
  /** Hears what a limit cut off. */
  cap(what: string, event: EventRecord): void;
  /** Work left for all rules together. */
  purse: Budget;
}

/** Gives one rule its share of the work. */
function spend<T>(purse: Budget, most: number, work: (budget: Budget) => T): T {
  const share = Math.max(0, Math.min(most, purse.left));
  const budget: Budget = { left: share };
  const result = work(budget);
  purse.left -= share - budget.left;
  return result;
}

/** COUNT is followed this far beyond what is asked, so that the next answers need not. */
const countAhead = 400 * dayMs;

/** Follows COUNT as far as it matters; false when it is too far. */
function settleCount(rule: BoundRule, to: Wall, purse: Budget): boolean {
  if (rule.countedTo >= to) return true;
  const { last, countedTo } = spend(purse, limits.work, (budget) => countEnd(rule, rule.rule.count!, to + countAhead, budget));
  rule.countedTo = countedTo;
  if (last !== undefined) rule.until = Math.min(rule.until, last);
  return countedTo >= to;
}

/** Wall times differ from UTC, and a change of clocks moves them, by no more than this: a day at the date line, and a little. */
const slack = 26 * 3_600_000;
/** None is needed where the clocks do not change for days around. */
const slackAt = (zone: Zone, utc: number): number => (zone.offsetAt(utc - 2 * dayMs) === zone.offsetAt(utc + 2 * dayMs) ? 0 : slack);

const overlaps = (start: number, end: number, { from, to }: Window): boolean =>
  start < to && (end > from || (start >= from && end <= start));

/** Shows what a series has in the window of an answer. */
export function occurrencesOf(series: Series, answer: Answer): void {
  for (const { event, instance } of series.singles) {
    const end = endOf(event, event.start, event.startUtc);
    if (!overlaps(event.startUtc, end, answer.window)) continue;
    answer.show(event, event.startUtc, end, instance === undefined ? { recurring: false } : { recurring: true, instant: instance });
  }
  for (const master of series.masters) {
    let left: number = limits.occurrencesPerSeries;
    const recurring = repeats(master.event);
    const several = recurring || series.masters.length > 1;
    const show: ShowInstance = (event, start, end, instant) => {
      if (left-- > 0) answer.show(event, start, end, several ? { recurring, instant } : { recurring });
      return left >= 0;
    };
    for (const segment of master.segments) if (left >= 0) showSegment(master, segment, answer, show);
    if (left >= 0 && master.event.extra.length > 0) showExtra(master, answer, show);
    if (left < 0) answer.cap(`had more than ${limits.occurrencesPerSeries} occurrences in the window; the rest was left out`, master.event);
  }
}

/** Shows one instance; false when there are too many. */
type ShowInstance = (event: EventRecord, start: number, end: number, instant: number) => boolean;

/** How far a look ahead goes that spares the next ones. */
const lookAhead = 40 * dayMs;

/** Up to when, after a window in which a series showed nothing, it surely shows nothing. */
export function quietUntil(series: Series, window: Window): number {
  let until = Number.POSITIVE_INFINITY;
  for (const { event } of series.singles) if (event.startUtc >= window.to) until = Math.min(until, event.startUtc);
  for (const { event, segments } of series.masters) {
    if (segments.length !== 1 || event.extra.length > 0) return window.to;
    const from = toWall(event.zone, window.to) - slack;
    if (event.start < from && event.rules.every((rule) => rule.until < from)) continue;
    let next = event.start >= from ? event.start : Number.POSITIVE_INFINITY;
    for (const rule of event.rules) {
      const outcome = instances(rule, from, Math.min(next, from + lookAhead), { left: 2_000 }, (wall) => {
        // What is in the window or before it was looked at already.
        if (toUtc(event.zone, wall) < window.to) return true;
        next = Math.min(next, wall);
        return false;
      });
      if (outcome === "out of budget") return window.to;
    }
    until = Math.min(until, toUtc(event.zone, Math.min(next, from + lookAhead)));
  }
  return until;
}

function showSegment(master: MasterRecord, segment: Segment, answer: Answer, show: ShowInstance): void {
  const { event } = master;
  const { window, purse } = answer;
  const { template, shift } = segment;
  const length = template.length.days * dayMs + template.length.ms;
  const { zone } = template;
  const earliest = window.from - length;
  const from = Math.max(toWall(zone, earliest) - slackAt(zone, earliest) - shift, segment.from);
  const to = Math.min(toWall(zone, window.to) + slackAt(zone, window.to) - shift, segment.to);
  if (to <= from) return;
  /** Several rules may name the same instance. */
  const seen = event.rules.length > 1 ? new Set<Wall>() : undefined;
  const removed = exclusions(event, from, to, answer);
  let last = Number.NaN;
  const visit = (wall: Wall): boolean => {
    if (seen?.has(wall) || removed?.has(wall) || isGone(master, wall)) return true;
    seen?.add(wall);
    const start = toUtc(zone, wall + shift);
    // Where clocks go forward, two wall times are one instant.
    if (start === last) return true;
    last = start;
    const end = endOf(template, wall + shift, start);
    if (!overlaps(start, end, window)) return true;
    return show(template, start, end, shift === 0 && zone === event.zone ? start : toUtc(event.zone, wall));
  };
  if (event.start >= from && event.start < to) visit(event.start);
  for (const rule of event.rules) {
    const counted = settleCount(rule, to, purse);
    const outcome = spend(purse, limits.work, (budget) => instances(rule, Math.max(from, event.start + 1), to, budget, visit));
    if (outcome === "out of budget") answer.cap("had a rule that took too long to follow; some occurrences may be missing", event);
    else if (!counted && outcome === "done") answer.cap("had a COUNT too far away to be followed; it may have ended already", event);
  }
}

/** What EXRULE takes out of a stretch of wall time. */
function exclusions(event: EventRecord, from: Wall, to: Wall, { purse, cap }: Answer): Set<Wall> | undefined {
  if (event.exclusions.length === 0) return undefined;
  const walls = new Set<Wall>();
  for (const rule of event.exclusions) {
    const counted = settleCount(rule, to, purse);
    const outcome = spend(purse, limits.work, (budget) => instances(rule, from, to, budget, (wall) => walls.add(wall).size < limits.work));
    if (!counted || outcome !== "done") cap("had an EXRULE that took too long to follow; occurrences it takes out may be shown", event);
  }
  return walls;
}

function isGone(master: MasterRecord, wall: Wall): boolean {
  return master.gone.some((set) => holds(set, dayOf(wall), () => toUtc(master.event.zone, wall)));
}

/** RDATE: further instances, perhaps with an end of their own. */
function showExtra(master: MasterRecord, { window, findZone, purse, cap }: Answer, show: ShowInstance): void {
  const { event } = master;
  const seen = new Set<number>();
  const budget: Budget = { left: Math.min(limits.work, purse.left) };
  for (const value of event.extra) {
    const { wall, utc } = whenExtra(event, value, findZone);
    const segment = master.segments.find((s) => wall >= s.from && wall < s.to);
    if (!segment) continue;
    const { template, shift } = segment;
    const start = shift === 0 ? utc : toUtc(template.zone, wall + shift);
    const own = value.end !== undefined && template === event;
    const end = own ? endOfPeriod(event, value.end!, wall, findZone) : endOf(template, wall + shift, start);
    if (!overlaps(start, end, window) || seen.has(utc) || isGone(master, wall) || isInstance(event, wall, budget)) continue;
    seen.add(utc);
    if (!show(template, start, end, utc)) return;
  }
  if (budget.left <= 0) cap("had a rule that took too long to compare with its RDATEs; some occurrences may be shown twice", event);
}

/** A date among times means the usual time on that day. */
function whenExtra(event: EventRecord, value: TimeValue, findZone: FindZone): { wall: Wall; utc: number } {
  if (!event.allDay && value.kind !== "date") {
    const utc = instantOf(value, event, findZone);
    return { wall: toWall(event.zone, utc), utc };
  }
  const wall = dayOf(value.wall) * dayMs + (event.allDay ? 0 : event.start - dayOf(event.start) * dayMs);
  return { wall, utc: toUtc(event.zone, wall) };
}

function endOfPeriod(event: EventRecord, end: Stamp | Length, wall: Wall, findZone: FindZone): number {
  const start = toUtc(event.zone, wall);
  return Math.max(start, "kind" in end ? instantOf(end, event, findZone) : toUtc(event.zone, wall + end.days * dayMs) + end.ms);
}

/** Whether DTSTART or a rule produces this wall time already. */
function isInstance(event: EventRecord, wall: Wall, budget: Budget): boolean {
  if (wall === event.start) return true;
  return event.rules.some((rule) => {
    let found = false;
    instances(rule, wall, wall + 1, budget, () => {
      found = true;
      return false;
    });
    return found;
  });
}
