import type { ExpandRequest, Expansion } from "./contract.ts";
import { expandCalendar } from "./expand.ts";

export const vevent = (...lines: string[]): string => ["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", ...lines, "END:VEVENT"].join("\r\n");
export const vcalendar = (...parts: string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", ...parts, "END:VCALENDAR", ""].join("\r\n");
export const expand = (ics: string, more: Partial<ExpandRequest> = {}): Expansion =>
  expandCalendar({ ics, from: "2026-06-01T00:00:00Z", to: "2026-06-08T00:00:00Z", timeZone: "Europe/Berlin", ...more });
/** Start, end and title of every occurrence, as short as one can read it. */
export const shown = (...args: Parameters<typeof expand>): string[] =>
  expand(...args).occurrences.map((o) => `${o.start.slice(5, 16)} ${o.end.slice(5, 16)} ${o.summary}`);
export const weekly = (...lines: string[]): string =>
  vevent(
    "UID:w",
    "SUMMARY:Weekly",
    "DTSTART;TZID=Europe/Berlin:20260504T100000",
    "DTEND;TZID=Europe/Berlin:20260504T110000",
    "RRULE:FREQ=DAILY",
    ...lines,
  );
export const june = { from: "2026-06-02T00:00:00Z", to: "2026-06-05T00:00:00Z" };
