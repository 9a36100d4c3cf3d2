import { limits } from "./limits.ts";

/** One VEVENT as text: lines that decide when it happens, unfolded, and where in the text the others are. */
export interface RawEvent {
  calendar: RawCalendar;
  /** Where its BEGIN stands in the text. */
  offset: number;
  lines: { name: string; line: string }[];
  /** Start and end offsets, in pairs, of the lines that say what it is. Read only when the event is shown. */
  details: number[];
}
export interface RawZone {
  lines: string[];
  observances: string[][];
}
/** What a VCALENDAR says about all its events. */
export interface RawCalendar {
  headers: Map<string, string>;
}
export interface RawFeed {
  text: string;
  calendars: RawCalendar[];
  zones: RawZone[];
  events: RawEvent[];
  problems: string[];
}

const timeNames = new Set([
  "DTSTART",
  "DTEND",
  "DURATION",
  "UID",
  "RECURRENCE-ID",
  "RRULE",
  "RDATE",
  "EXDATE",
  "EXRULE",
  "SEQUENCE",
  "STATUS",
]);
const detailNames = new Set([
  "SUMMARY",
  "LOCATION",
  "CATEGORIES",
  "TRANSP",
  "CLASS",
  "URL",
  "DESCRIPTION",
  "ATTENDEE",
  "ORGANIZER",
  "CONFERENCE",
  "X-GOOGLE-CONFERENCE",
  "X-ALT-DESC",
  "X-MICROSOFT-CDO-BUSYSTATUS",
  "X-MICROSOFT-SKYPETEAMSMEETINGURL",
  "X-MICROSOFT-ONLINEMEETINGCONFLINK",
  "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
  "X-MICROSOFT-ONLINEMEETINGURL",
]);
const zoneNames = new Set(["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"]);
const headerNames = new Set(["X-WR-CALNAME", "X-WR-TIMEZONE", "NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"]);
const [colon, semicolon, space, tab] = [58, 59, 32, 9];

/** True when a text has a calendar or at least an event in it. */
export const looksLikeCalendar = (text: string): boolean =>
  /^\s*BEGIN\s*:\s*(?:VCALENDAR|VEVENT)\s*$/im.test(text.slice(0, 100_000)) || /\nBEGIN:VEVENT\r?\n/.test(text);

/** Cuts a text into calendars, zones and events without looking into the lines. One pass; a damaged event ends where the next begins. */
export function splitFeed(source: string): RawFeed {
  let text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  const problems: string[] = [];
  if (text.length > limits.text) {
    problems.push(`the text is longer than ${limits.text / 1e6} MB; what follows was left out`);
    text = text.slice(0, limits.text);
  }
  if (/\r(?!\n)/.test(text)) text = text.replace(/\r\n?/g, "\n");

  const feed: RawFeed = { text, calendars: [], zones: [], events: [], problems };
  let calendar: RawCalendar | undefined;
  let event: RawEvent | undefined;
  let zone: RawZone | undefined;
  let observance: string[] | undefined;
  /** Components open inside the event, such as alarms. */
  let inner = 0;
  let [stray, unended, tooMany] = [0, 0, 0];

  const open = (name: string, offset: number): void => {
    if (name === "VEVENT") {
      if (event) unended++;
      if (!calendar) feed.calendars.push((calendar = { headers: new Map() }));
      [zone, inner] = [undefined, 0];
      event = { calendar, offset, lines: [], details: [] };
      if (feed.events.length < limits.events) feed.events.push(event);
      else tooMany++;
    } else if (name === "VCALENDAR") {
      if (event) unended++;
      [event, zone] = [undefined, undefined];
      feed.calendars.push((calendar = { headers: new Map() }));
    } else if (event) inner++;
    else if (name === "VTIMEZONE") feed.zones.push((zone = { lines: [], observances: [] }));
    else if (zone) zone.observances.push((observance = []));
  };
  const close = (name: string): void => {
    if (name === "VEVENT") event = undefined;
    else if (name === "VTIMEZONE") zone = undefined;
    else if (event) inner = Math.max(0, inner - 1);
    observance = undefined;
  };

  for (let start = 0; start < text.length; ) {
    let end = lineEnd(text, start);
    let next = end + 1;
    let folded = false;
    while (next < text.length && isBlank(text.charCodeAt(next))) {
      end = lineEnd(text, next);
      next = end + 1;
      folded = true;
    }
    const last = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    const nameEnd = endOfName(text, start, last);
    if (nameEnd < 0) {
      if (last > start && event && text.slice(start, last).trim()) stray++;
    } else {
      const name = text.slice(start, nameEnd).toUpperCase();
      const line = () => (folded ? unfold(text.slice(start, last)) : text.slice(start, last));
      if (name === "BEGIN")
        open(
          text
            .slice(nameEnd + 1, last)
            .trim()
            .toUpperCase(),
          start,
        );
      else if (name === "END")
        close(
          text
            .slice(nameEnd + 1, last)
            .trim()
            .toUpperCase(),
        );
      else if (event) {
        if (inner === 0 && timeNames.has(name)) event.lines.push({ name, line: line() });
        else if (inner === 0 && detailNames.has(name)) event.details.push(start, last);
      } else if (zone) {
        if (zoneNames.has(name)) (observance ?? zone.lines).push(line());
      } else if (calendar && headerNames.has(name) && !calendar.headers.has(name))
        calendar.headers.set(name, line().slice(nameEnd - start));
    }
    start = next;
  }
  if (event) unended++;
  if (stray > 0)
    problems.push(`${count(stray, "stray line")} in events ${stray === 1 ? "was" : "were"} left out (text that was not folded)`);
  if (unended > 0) problems.push(`${count(unended, "event")} had no END:VEVENT; what was there is used`);
  if (tooMany > 0) problems.push(`only the first ${limits.events} events are used; ${tooMany} more were left out`);
  return feed;
}

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
export const unfold = (text: string): string => text.replace(/\r?\n[ \t]/g, "");

const isBlank = (code: number): boolean => code === space || code === tab;
function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Where the property name ends, or -1 when the line does not begin with one. */
function endOfName(text: string, start: number, end: number): number {
  for (let i = start; i < end && i - start < 60; i++) {
    const code = text.charCodeAt(i);
    if (code === colon || code === semicolon) return i === start ? -1 : i;
    const isNameCharacter =
      (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 95;
    if (!isNameCharacter) return -1;
  }
  return -1;
}

/** Line number of an offset, counted only when a problem is told. */
export function lineNumber(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
