import { dayMs, type Wall } from "./wall.ts";

/** What a clock on a wall shows where. Instants are ms since 1970 UTC. */
export interface Zone {
  readonly id: string;
  /** Offset from UTC in ms at an instant. */
  offsetAt(utc: number): number;
}

export const toWall = (zone: Zone, utc: number): Wall => utc + zone.offsetAt(utc);

/** Instant of a wall time: the first of two when clocks go back, the offset before the gap when they go forward. */
export function toUtc(zone: Zone, wall: Wall): number {
  const before = zone.offsetAt(wall - dayMs);
  const early = wall - before;
  if (zone.offsetAt(early) === before) return early;
  const after = zone.offsetAt(wall + dayMs);
  const late = wall - after;
  return zone.offsetAt(late) === after ? late : early;
}

export const fixedZone = (id: string, offset: number): Zone => ({ id, offsetAt: () => offset });
export const utc: Zone = fixedZone("UTC", 0);

const known = new Map<string, Zone | undefined>();

/** A zone of the IANA database, through Intl; undefined when there is none of that name. */
export function ianaZone(name: string): Zone | undefined {
  if (!known.has(name)) {
    if (known.size > 2_000) known.clear(); // names come from feeds
    known.set(name, createIanaZone(name));
  }
  return known.get(name);
}

function createIanaZone(name: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+_-]*(\/[A-Za-z0-9+_-]+)*$/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch {
    return undefined;
  }
  if (format.resolvedOptions().timeZone === "UTC") return fixedZone(name, 0);
  const ask = (instant: number): number => {
    const second = Math.floor(instant / 1000) * 1000;
    const [month, day, year, hour, minute, s] = format.format(second).match(/\d+/g)!.map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return Date.UTC(year, month - 1, day, hour, minute, s) - second;
  };
  return { id: name, offsetAt: byDay(ask) };
}

/** Years before 1 and after 9999 are no dates in iCalendar; Intl would need eras for them. */
const [earliest, latest] = [Date.UTC(1800, 0, 1), Date.UTC(9999, 11, 1)];
/** No zone has changed its clocks and back within so few days. */
const span = 8 * dayMs;
const cached = 20_000;

/** Asks once per span of days and remembers; a span with a change of clocks is cut at the instant of the change. */
function byDay(ask: (utc: number) => number): (utc: number) => number {
  const edges = new Map<number, number>();
  const changes = new Map<number, number>();
  const edge = (index: number): number => {
    const known = edges.get(index);
    if (known !== undefined) return known;
    if (edges.size > cached) edges.clear();
    const offset = ask(index * span);
    edges.set(index, offset);
    return offset;
  };
  const changeIn = (index: number, before: number): number => {
    const known = changes.get(index);
    if (known !== undefined) return known;
    let [low, high] = [index * span, (index + 1) * span];
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (ask(middle) === before) low = middle;
      else high = middle;
    }
    if (changes.size > cached) changes.clear();
    changes.set(index, high);
    return high;
  };
  return (instant) => {
    const at = Math.min(Math.max(instant, earliest), latest);
    const index = Math.floor(at / span);
    const before = edge(index);
    const after = edge(index + 1);
    return before === after || at < changeIn(index, before) ? before : after;
  };
}
