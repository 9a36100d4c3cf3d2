import type { FindZone } from "./event.ts";
import type { Problems } from "./problems.ts";
import { readProperty, readTimes, stamp, valueText } from "./property.ts";
import type { RawEvent, RawFeed, RawZone } from "./text.ts";
import { customZone, type Observance } from "./vtimezone.ts";
import type { Zone } from "./zone.ts";
import { cleanName, namedZone, standardZone } from "./zone-names.ts";

/** Finds zones for the events of one feed. */
export interface ZoneFinder {
  find: FindZone;
  /** What there is to say about the feed's own zones. */
  sentences(): string[];
}

/**
 * The first that fits: an IANA zone of that name (exporters cut the history of the zones they define), the feed's own definition, a
 * Windows or vendor name, an offset, X-WR-TIMEZONE, the home zone. Never silently UTC.
 */
export function zoneFinder(feed: RawFeed, home: Zone, problems: Problems): ZoneFinder {
  const own = new Map<string, Zone>();
  const told: string[] = [];
  for (const raw of feed.zones) {
    const id = cleanName(String(readProperty(raw.lines.find((l) => /^TZID/i.test(l)) ?? "")?.values[0] ?? ""));
    if (id === "" || own.has(id) || standardZone(id) || own.size >= 500) continue;
    const custom = customZone(id, raw.observances.flatMap(observance));
    if (custom) own.set(id, custom.zone);
    if (custom?.capped) told.push("the rule of a time zone the calendar defines takes too long to follow; times in that zone may be wrong");
    if (!custom && raw.observances.length > 0) told.push("a time zone the calendar defines could not be read");
  }
  const found = new Map<string, Zone | undefined>();
  const lookUp = (tzid: string): Zone | undefined => {
    if (!found.has(tzid)) {
      const name = cleanName(tzid.slice(0, 200));
      found.set(tzid, standardZone(name) ?? own.get(name) ?? namedZone(name));
    }
    return found.get(tzid);
  };
  const published = (event: RawEvent): Zone => {
    const value = event.calendar.headers.get("X-WR-TIMEZONE");
    return (value && lookUp(valueText(value))) || home;
  };
  return {
    sentences: () => [...new Set(told)],
    find: (tzid, event) => {
      if (!tzid) return published(event);
      const zone = lookUp(tzid);
      if (!zone)
        problems.add(
          `named a time zone that is not known ("${cleanName(tzid).slice(0, 40)}"); ${published(event).id} is used`,
          event.offset,
        );
      return zone ?? published(event);
    },
  };
}

function observance(lines: RawZone["observances"][number]): Observance[] {
  const value = (name: string): string => {
    const line = lines.find((l) => l.toUpperCase().startsWith(name));
    return line === undefined ? "" : valueText(line);
  };
  const [from, to] = [offset(value("TZOFFSETFROM")), offset(value("TZOFFSETTO"))];
  const start = stamp(value("DTSTART"));
  if (to === undefined || !start) return [];
  return [
    {
      start: start.wall,
      from: from ?? to,
      to,
      rules: lines.filter((l) => /^RRULE/i.test(l)).map((l) => l.slice(l.indexOf(":") + 1)),
      dates: lines
        .filter((l) => /^RDATE/i.test(l))
        .flatMap((l) => readTimes(l).values)
        .slice(0, 2_000)
        .map((v) => ({ wall: v.wall, utc: v.kind === "utc" })),
    },
  ];
}

function offset(text: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d):?(\d\d)?$/.exec(text);
  if (!match || Number(match[2]) > 23) return undefined;
  return (match[1] === "-" ? -1 : 1) * ((Number(match[2]) * 60 + Number(match[3])) * 60 + Number(match[4] ?? 0)) * 1000;
}
