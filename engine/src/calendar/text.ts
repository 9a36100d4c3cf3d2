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

export const timeNames: ReadonlySet<string> = new Set([
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
export const detailNames: ReadonlySet<string> = new Set([
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
export const zoneNames: ReadonlySet<string> = new Set(["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"]);
export const headerNames: ReadonlySet<string> = new Set(["X-WR-CALNAME", "X-WR-TIMEZONE", "NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"]);
const [colon, semicolon, space, tab] = [58, 59, 32, 9];

/** True when a text has a calendar or at least an event in it. */
export const looksLikeCalendar = (text: string): boolean =>
  /^\s*BEGIN\s*:\s*(?:VCALENDAR|VEVENT)\s*$/im.test(text.slice(0, 100_000)) || /\nBEGIN:VEVENT\r?\n/.test(text);

/** Cuts a text into calendars, zones and events without looking into the lines. One pass; a damaged event ends where the next begins. */
export function splitFeed(source: string): RawFeed {
  const problems: string[] = [];
  if (source.length > limits.text) problems.push(`the text is longer than ${limits.text / 1e6} MB; what follows was left out`);
  const text = unifyLines(source.length > limits.text ? source.slice(0, limits.text) : source);
  const parts = new Parts();
  for (let start = 0; start < text.length; ) {
    const { end, folded } = endOfLine(text, start);
    const last = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    const nameEnd = endOfName(text, start, last);
    if (nameEnd >= 0) parts.line(text, start, nameEnd, last, folded);
    else if (last > start && text.slice(start, last).trim()) parts.stray();
    start = end + 1;
  }
  if (parts.events.length === 0 && /BEGIN:VEVENT/i.test(text))
    problems.push("there are events in the text, but none begins with BEGIN:VEVENT on a line of its own, so none is shown");
  return { text, calendars: parts.calendars, zones: parts.zones, events: parts.events, problems: [...problems, ...parts.problems()] };
}

/** A text without byte order mark whose lines end with a line feed, after a carriage return or not. */
export function unifyLines(source: string): string {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  return hasLoneReturn(text) ? text.replace(/\r\n?/g, "\n") : text;
}

/** Where the line feed of a line stands, with what is folded under it. */
export function endOfLine(text: string, start: number): { end: number; folded: boolean } {
  let end = lineEnd(text, start);
  let folded = false;
  while (end + 1 < text.length && isBlank(text.charCodeAt(end + 1))) {
    end = lineEnd(text, end + 1);
    folded = true;
  }
  return { end, folded };
}

/** Puts lines into the component that is open. */
class Parts {
  readonly calendars: RawCalendar[] = [];
  readonly zones: RawZone[] = [];
  readonly events: RawEvent[] = [];
  #calendar: RawCalendar | undefined;
  #event: RawEvent | undefined;
  #zone: RawZone | undefined;
  #observance: string[] | undefined;
  /** Components open inside the event, such as alarms. */
  #inner = 0;
  #stray = 0;
  #unended = 0;
  #tooMany = 0;
  #tooLong = 0;

  line(text: string, start: number, nameEnd: number, end: number, folded: boolean): void {
    const name = text.slice(start, nameEnd).toUpperCase();
    if (name === "BEGIN") this.#open(componentName(text, nameEnd, end), start);
    else if (name === "END") this.#close(componentName(text, nameEnd, end));
    else if (this.#event) {
      if (this.#inner > 0) return;
      if (timeNames.has(name)) this.#event.lines.push({ name, line: lineText(text, start, this.#shortened(text, start, end), folded) });
      else if (detailNames.has(name)) this.#event.details.push(start, end);
    } else if (this.#zone) {
      if (zoneNames.has(name)) (this.#observance ?? this.#zone.lines).push(lineText(text, start, end, folded));
    } else if (headerNames.has(name) && this.#calendar && !this.#calendar.headers.has(name)) {
      this.#calendar.headers.set(name, lineText(text, nameEnd, end, folded));
    }
  }

  /** Where a line ends that is not longer than a line may be; of a list, only whole values are kept. */
  #shortened(text: string, start: number, end: number): number {
    if (end - start <= limits.line) return end;
    this.#tooLong++;
    return Math.max(text.lastIndexOf(",", start + limits.line), start);
  }

  /** A line that begins with no property name. */
  stray(): void {
    if (this.#event) this.#stray++;
  }

  #open(name: string, offset: number): void {
    if (name === "VCALENDAR") {
      this.#endEvent();
      this.#zone = undefined;
      this.#openCalendar();
    } else if (name === "VEVENT") {
      this.#endEvent();
      this.#zone = undefined;
      this.#event = { calendar: this.#calendar ?? this.#openCalendar(), offset, lines: [], details: [] };
      if (this.events.length < limits.events) this.events.push(this.#event);
      else this.#tooMany++;
    } else if (this.#event) this.#inner++;
    else if (name === "VTIMEZONE") {
      this.#zone = { lines: [], observances: [] };
      this.zones.push(this.#zone);
    } else if (this.#zone) {
      this.#observance = [];
      this.#zone.observances.push(this.#observance);
    }
  }

  #close(name: string): void {
    this.#observance = undefined;
    if (name === "VEVENT") {
      this.#event = undefined;
      this.#inner = 0;
    } else if (name === "VTIMEZONE") this.#zone = undefined;
    else if (this.#event) this.#inner = Math.max(0, this.#inner - 1);
  }

  #openCalendar(): RawCalendar {
    this.#calendar = { headers: new Map() };
    this.calendars.push(this.#calendar);
    return this.#calendar;
  }

  /** An event that is still open when something else begins was cut off. */
  #endEvent(): void {
    if (this.#event) this.#unended++;
    this.#event = undefined;
    this.#inner = 0;
  }

  problems(): string[] {
    this.#endEvent();
    const found: string[] = [];
    if (this.#stray > 0)
      found.push(`${count(this.#stray, "stray line")} in events ${this.#stray === 1 ? "was" : "were"} left out (text that was not folded)`);
    if (this.#unended > 0) found.push(`${count(this.#unended, "event")} had no END:VEVENT; what was there is used`);
    if (this.#tooLong > 0)
      found.push(`${count(this.#tooLong, "line")} longer than ${limits.line / 1000} kB; what follows in them was left out`);
    if (this.#tooMany > 0) found.push(`only the first ${limits.events} events are used; ${this.#tooMany} more were left out`);
    return found;
  }
}

const lineText = (text: string, start: number, end: number, folded: boolean): string =>
  folded ? unfold(text.slice(start, end)) : text.slice(start, end);
function componentName(text: string, nameEnd: number, end: number): string {
  const name = text.slice(nameEnd + 1, end);
  return name === "VEVENT" || name === "VALARM" ? name : name.trim().toUpperCase();
}

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
export const unfold = (text: string): string => text.replace(/\r?\n[ \t]/g, "");

const isBlank = (code: number): boolean => code === space || code === tab;
function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** A carriage return without a line feed ends a line on very old systems. */
function hasLoneReturn(text: string): boolean {
  for (let at = text.indexOf("\r"); at >= 0; at = text.indexOf("\r", at + 1)) if (text.charCodeAt(at + 1) !== 10) return true;
  return false;
}

/** Where the property name ends, or -1 when the line does not begin with one. */
export function endOfName(text: string, start: number, end: number): number {
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
