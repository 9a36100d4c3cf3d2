import { endOfTime, type Recurrence, recurrence } from "./expander.ts";
import type { Problems } from "./problems.ts";
import { duration, type Length, readProperty, readTimes, type Stamp, stamp, type TimeValue, valueText } from "./property.ts";
import { parseRule } from "./rule.ts";
import type { RawEvent } from "./text.ts";
import { civil, type Day, dayMs, dayOf, type Wall } from "./wall.ts";
import { toUtc, toWall, utc, type Zone } from "./zone.ts";

/** A rule, and how far its COUNT was followed; `until` holds the end once it is known. */
export interface BoundRule extends Recurrence {
  countedTo: Wall;
}

/** A VEVENT as far as it decides when something happens. */
export interface EventRecord {
  raw: RawEvent;
  uid: string;
  allDay: boolean;
  /** The zone its wall times are in; for all-day events the home zone. */
  zone: Zone;
  start: Wall;
  startUtc: number;
  /** All-day: whole days. `exact`: the same number of ms whatever the clocks do. */
  length: Length & { exact: boolean };
  rules: BoundRule[];
  exclusions: BoundRule[];
  extra: TimeValue[];
  excluded: TimeValue[];
  recurrenceId: TimeValue | undefined;
  thisAndFuture: boolean;
  sequence: number;
  cancelled: boolean;
}

/** Finds the zone of a TZID for one calendar; without a TZID the zone of floating times. */
export type FindZone = (tzid: string | undefined, event: RawEvent) => Zone;

/** Properties that may come several times; of the others the first counts. */
const manifold = new Set(["RRULE", "EXRULE", "RDATE", "EXDATE"]);

/** Reads what decides on times. Undefined, with a problem noted, when there is no usable start. */
export function readEvent(raw: RawEvent, home: Zone, findZone: FindZone, problems: Problems): EventRecord | undefined {
  const single: { [name: string]: string | undefined } = {};
  const lists: Partial<Record<string, string[]>> = {};
  for (const { name, line } of raw.lines) {
    const list = lists[name];
    if (!manifold.has(name)) single[name] ??= line;
    else if (list) list.push(line);
    else lists[name] = [line];
  }
  const times = (line: string): TimeValue[] => {
    const { values, repaired, bad } = readTimes(line);
    if (repaired) problems.add("had a date that was repaired", raw.offset);
    if (bad > 0 && !/:\s*$/.test(line)) problems.add("had a date that could not be read and was left out", raw.offset);
    return values;
  };
  const one = (name: string): TimeValue | undefined => (single[name] === undefined ? undefined : times(single[name])[0]);

  const recurrenceId = one("RECURRENCE-ID");
  const cancelled = single.STATUS !== undefined && valueText(single.STATUS).toUpperCase() === "CANCELLED";
  // What is cancelled need not say when it would be.
  const start = one("DTSTART") ?? (cancelled ? recurrenceId : undefined);
  if (!start) {
    problems.add("had no start that could be read and was left out", raw.offset);
    return undefined;
  }
  const allDay = start.kind === "date";
  const zone = allDay ? home : start.kind === "utc" ? utc : findZone(start.tzid, raw);
  const event: EventRecord = {
    raw,
    allDay,
    zone,
    uid: single.UID === undefined ? "" : String(readProperty(single.UID)?.values[0] ?? ""),
    start: start.wall,
    startUtc: toUtc(zone, start.wall),
    length: { days: allDay ? 1 : 0, ms: 0, exact: true },
    rules: [],
    exclusions: [],
    extra: lists.RDATE?.flatMap(times) ?? [],
    excluded: lists.EXDATE?.flatMap(times) ?? [],
    recurrenceId,
    thisAndFuture: /;\s*RANGE\s*=\s*"?THISANDFUTURE/i.test(single["RECURRENCE-ID"] ?? ""),
    sequence: single.SEQUENCE === undefined ? 0 : Number.parseInt(valueText(single.SEQUENCE), 10) || 0,
    cancelled,
  };
  const length = single.DURATION === undefined ? undefined : duration(valueText(single.DURATION));
  if (single.DURATION !== undefined && !length) problems.add("had a DURATION that could not be read and was left out", raw.offset);
  event.length = lengthOf(event, one("DTEND"), length, findZone, problems);
  const bind = (list: readonly string[] | undefined): BoundRule[] =>
    list ? [...new Set(list)].flatMap((line) => bindRule(valueText(line), event, home, problems) ?? []) : [];
  event.rules = bind(lists.RRULE);
  event.exclusions = bind(lists.EXRULE);
  return event;
}

function lengthOf(
  event: EventRecord,
  end: TimeValue | undefined,
  length: Length | undefined,
  findZone: FindZone,
  problems: Problems,
): EventRecord["length"] {
  const { allDay, raw } = event;
  if (end && allDay) return { days: Math.max(1, Math.ceil((end.wall - event.start) / dayMs)), ms: 0, exact: false };
  if (length && allDay) return { days: Math.max(1, length.days + Math.ceil(length.ms / dayMs)), ms: 0, exact: false };
  if (end) {
    const ms = instantOf(end, event, findZone) - event.startUtc;
    if (ms < 0) problems.add("ended before it began and is taken to have no length", raw.offset);
    return { days: 0, ms: Math.max(0, ms), exact: true };
  }
  if (length) {
    if (length.days < 0 || length.ms < 0) problems.add("ended before it began and is taken to have no length", raw.offset);
    return { days: Math.max(0, length.days), ms: Math.max(0, length.ms), exact: length.days === 0 };
  }
  return { days: allDay ? 1 : 0, ms: 0, exact: !allDay };
}

/** The instant of a value that belongs to an event; without a zone of its own it is in the event's. */
export function instantOf(value: Stamp, event: EventRecord, findZone: FindZone): number {
  if (value.kind === "utc") return value.wall;
  return toUtc(value.kind === "local" && value.tzid ? findZone(value.tzid, event.raw) : event.zone, value.wall);
}

/** The local day a value of an all-day series means. Midnight UTC stands for the date itself in many exports. */
export function dayOfValue(value: Stamp, home: Zone): Day {
  return value.kind === "utc" && value.wall % dayMs !== 0 ? dayOf(toWall(home, value.wall)) : dayOf(value.wall);
}

function bindRule(text: string, event: EventRecord, home: Zone, problems: Problems): BoundRule | undefined {
  if (text === "") return undefined;
  const reading = parseRule(text.slice(0, 10_000));
  if ("error" in reading) {
    problems.add(`had a rule that could not be read (${reading.error}); only the first date is shown`, event.raw.offset);
    return undefined;
  }
  if (reading.ignored.length > 0)
    problems.add(
      `had a rule with parts that are not known (${reading.ignored.slice(0, 3).join(", ")}); they were left out`,
      event.raw.offset,
    );
  const { rule } = reading;
  const until = rule.until === undefined ? undefined : untilOf(rule.until, event, home);
  if (rule.until !== undefined && until === undefined)
    problems.add("had a rule whose UNTIL could not be read; it goes on", event.raw.offset);
  const bound = recurrence(rule, event.start, { allDay: event.allDay, ...(until === undefined ? {} : { until }) });
  return { ...bound, countedTo: rule.count === undefined ? endOfTime : Number.NEGATIVE_INFINITY };
}

/** UNTIL as the last wall time that still counts, in the zone of DTSTART. */
function untilOf(text: string, event: EventRecord, home: Zone): Wall | undefined {
  const value = stamp(text.replace(/\s/g, "").replace(/^(\d{8})T?Z?$/, "$1"));
  if (!value) return undefined;
  // "The 31st of June" means to the end of June.
  if (value.beyondMonth) value.wall -= civil(dayOf(value.wall)).day * dayMs;
  if (event.allDay) {
    // "The end of that day" is often written as 23:59:59 UTC whatever the zone.
    const endOfDay = value.kind === "utc" && value.wall % dayMs === dayMs - 1000;
    return (endOfDay ? dayOf(value.wall) : dayOfValue(value, home)) * dayMs;
  }
  if (value.kind === "date") return value.wall + dayMs - 1;
  return value.kind === "utc" ? toWall(event.zone, value.wall) : value.wall;
}
