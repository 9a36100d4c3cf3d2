import { valueText } from "./property.ts";
import type { Series } from "./series.ts";
import type { RawEvent } from "./text.ts";
import { dayMs } from "./wall.ts";

/**
 * The events of one UID, not read yet. Most events of a calendar are long over: a glance at the digits of their dates tells that they
 * cannot touch the window, and they are never read.
 */
export interface UidGroup {
  raws: RawEvent[];
  /** Nothing is before or after these instants; narrower once the series is read. */
  first: number;
  last: number;
  series: Series | undefined;
  /** Nothing is between these instants, as an earlier answer found. */
  quietFrom: number;
  quietTo: number;
}

export function groupByUid(events: readonly RawEvent[]): UidGroup[] {
  const groups = new Map<string, UidGroup>();
  const alone: UidGroup[] = [];
  for (const raw of events) {
    const uid = raw.lines.find((l) => l.name === "UID")?.line;
    const key = uid === undefined ? "" : valueText(uid);
    const [first, last] = glance(raw);
    const known = key === "" ? undefined : groups.get(key);
    if (known) {
      known.raws.push(raw);
      known.first = Math.min(known.first, first);
      known.last = Math.max(known.last, last);
      continue;
    }
    const group: UidGroup = { raws: [raw], first, last, series: undefined, quietFrom: 0, quietTo: 0 };
    if (key === "") alone.push(group);
    else groups.set(key, group);
  }
  return [...groups.values(), ...alone];
}

const plainDate = /^[A-Z]+(?:;TZID="?[^":;]+"?)?(?:;VALUE=DATE)?:(\d{4})(\d\d)(\d\d)(?:T\d{6}Z?)?$/;
const always: [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
/** More than any zone's distance from UTC, and the rest of a day. */
const margin = 3 * dayMs;

/** Wide bounds of what an event can show; without bounds when anything about it is out of the ordinary. */
function glance(raw: RawEvent): [number, number] {
  let start: number | undefined;
  let end: number | undefined;
  let until: number | undefined;
  for (const { name, line } of raw.lines) {
    if (name === "DTSTART" || name === "DTEND") {
      const day = dayOfLine(line);
      if (day === undefined || (name === "DTSTART" ? start : end) !== undefined) return always;
      if (name === "DTSTART") start = day;
      else end = day;
    } else if (name === "RRULE") {
      const match = /;UNTIL=(\d{4})(\d\d)(\d\d)(?:T\d{6}Z?)?(?:;|$)/.exec(line);
      const day = match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : Number.POSITIVE_INFINITY;
      until = Math.max(until ?? day, day);
    } else if (name === "RDATE" || name === "DURATION" || (name === "RECURRENCE-ID" && line.includes("RANGE"))) return always;
  }
  if (start === undefined || (end !== undefined && end < start)) return always;
  const length = (end ?? start) - start;
  return [start - margin, Math.max(start, until ?? start) + length + margin];
}

function dayOfLine(line: string): number | undefined {
  const match = plainDate.exec(line);
  const year = Number(match?.[1] ?? 0);
  return year < 1000 ? undefined : Date.UTC(year, Number(match![2]) - 1, Number(match![3]));
}
