/** Local wall time. `dayOfWeek` 1 = Monday; `day` counts local days since 1970-01-01. */
export interface LocalTime {
  minuteOfDay: number;
  dayOfWeek: number;
  day: number;
}

const minute = 60_000;
// Zones change their offset on quarter hours only, and Intl takes microseconds, so offsets are kept per quarter hour.
const quarter = 15 * minute;
const kept = 4096;

interface Zone {
  format: Intl.DateTimeFormat;
  offsets: Map<number, number>;
}
const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const zone = { format, offsets: new Map<number, number>() };
  zones.set(timeZone, zone);
  return zone;
}

/** Milliseconds that local time is ahead of UTC. `at` in milliseconds since 1970. */
export function offsetAt(at: number, timeZone: string): number {
  const { format, offsets } = zoneOf(timeZone);
  const slot = Math.floor(at / quarter);
  const known = offsets.get(slot);
  if (known !== undefined) return known;
  const start = slot * quarter;
  const part = Object.fromEntries(format.formatToParts(start).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
  const local = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
  if (offsets.size >= kept) offsets.clear();
  offsets.set(slot, local - start);
  return local - start;
}

/** Wall time of an instant (ISO 8601, or milliseconds since 1970) in an IANA zone. */
export function localTime(at: string | number, timeZone: string): LocalTime {
  const instant = typeof at === "number" ? at : Date.parse(at);
  const local = Math.floor((instant + offsetAt(instant, timeZone)) / minute);
  const day = Math.floor(local / 1440);
  return { minuteOfDay: local - day * 1440, dayOfWeek: ((((day + 3) % 7) + 7) % 7) + 1, day };
}
