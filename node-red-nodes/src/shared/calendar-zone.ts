const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const two = "2-digit";
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Wall time in a zone, as milliseconds of the same digits in UTC. */
export function wallOf(timeZone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second) + (((at % 1000) + 1000) % 1000);
}

const day = 86_400_000;

/** The instant of a wall time. In the gap of a clock change the offset before it counts; of two equal wall times the first. */
export function instantOfWall(timeZone: string, wall: number): number {
  const offsetAt = (at: number) => wallOf(timeZone, at) - at;
  const [before, after] = [offsetAt(wall - day), offsetAt(wall + day)];
  if (offsetAt(wall - before) === before) return wall - before;
  return offsetAt(wall - after) === after ? wall - after : wall - before;
}

/** The wall time of midnight of the day an instant falls into. */
export const midnightWall = (timeZone: string, at: number): number => Math.floor(wallOf(timeZone, at) / day) * day;

/** "2026-11-22T10:00:00+01:00". */
export function isoWithOffset(timeZone: string, at: number): string {
  const wall = wallOf(timeZone, at);
  const minutes = Math.round((wall - at) / 60_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${new Date(wall).toISOString().slice(0, 19)}${offset}`;
}
