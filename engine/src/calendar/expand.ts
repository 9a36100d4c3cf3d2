// A worker runs this: with all of the model, its schemas among it, each would take 14 MB more.
import { BadInput, PersonasError } from "../model/errors.ts";
import type { Occurrence } from "../model/index.ts";
import { inEnglish, sentence } from "../model/sentence.ts";
import type { ExpandRequest, Expansion } from "./contract.ts";
import { type DetailOptions, type Details, headerText, readDetails } from "./details.ts";
import { type EventRecord, readEvent } from "./event.ts";
import { beginOfTime, endOfTime } from "./expander.ts";
import { limits } from "./limits.ts";
import { type Answer, occurrencesOf, quietUntil } from "./occur.ts";
import { Problems } from "./problems.ts";
import { duration } from "./property.ts";
import { buildSeries, type Series } from "./series.ts";
import { looksLikeCalendar, type RawFeed, splitFeed } from "./text.ts";
import { groupByUid, type UidGroup } from "./uid-group.ts";
import { dayMs } from "./wall.ts";
import { ianaZone, type Zone } from "./zone.ts";
import { type ZoneFinder, zoneFinder } from "./zone-finder.ts";

/** A calendar ready to be asked for any window: every answer after the first is cheap. */
export interface CalendarIndex {
  text: string;
  name: string | undefined;
  /** How often the publisher says to look again, ms. */
  refresh: number | undefined;
  groups: readonly UidGroup[];
  home: Zone;
  zones: ZoneFinder;
  options: DetailOptions;
  details: Map<EventRecord, Details>;
  events: number;
  feedProblems: readonly string[];
  problems: Problems;
}

/** Reads and expands in one go. Pure; throws `calendar-not-a-calendar` when the text is none, and BadInput when the window makes no sense. */
export function expandCalendar(request: ExpandRequest): Expansion {
  return queryIndex(indexCalendar(request), request.from, request.to);
}

/** Reads a calendar's text once. */
export function indexCalendar(request: Omit<ExpandRequest, "from" | "to">): CalendarIndex {
  const home = ianaZone(request.timeZone);
  if (!home) throw new BadInput("timeZone", `"${request.timeZone}" is not an IANA time zone such as "Europe/Berlin"`);
  if (!looksLikeCalendar(request.ics)) throw notCalendar(request.ics);
  const feed = splitFeed(request.ics);
  const problems = new Problems();
  const zones = zoneFinder(feed, home, problems);
  const header = (name: string): string | undefined => feed.calendars.map((c) => headerText(c, name)).find((value) => value !== undefined);
  const hint = duration(header("REFRESH-INTERVAL") ?? header("X-PUBLISHED-TTL") ?? "");
  return {
    text: feed.text,
    groups: groupByUid(feed.events),
    home,
    zones,
    details: new Map(),
    events: feed.events.length,
    name: header("X-WR-CALNAME") ?? header("NAME"),
    refresh: hint ? hint.days * dayMs + hint.ms : undefined,
    options: { owners: ownersOf(request, feed), hosts: request.conferenceHosts ?? [], hidePrivate: request.showPrivate !== true },
    feedProblems: feed.problems,
    problems,
  };
}

/** Reads the events of a UID, now that they may matter. */
function read(index: CalendarIndex, group: UidGroup): Series {
  const events = group.raws.flatMap((raw) => {
    try {
      return readEvent(raw, index.home, index.zones.find, index.problems) ?? [];
    } catch {
      index.problems.add("could not be read and was left out", raw.offset);
      return [];
    }
  });
  const series = buildSeries(events, index.home, index.zones.find, index.problems);
  group.series = series;
  group.first = series.first;
  group.last = series.last;
  return series;
}

/** Occurrences of an index that overlap [from, to), by start. */
export function queryIndex(index: CalendarIndex, fromText: string, toText: string): Expansion {
  const window = { from: instant("from", fromText), to: instant("to", toText) };
  if (window.to < window.from) throw new BadInput("to", "lies before from");
  const occurrences: Omit<Occurrence, "calendar">[] = [];
  const caps = new Problems();
  let left: number = limits.occurrences;
  let isCut = false;
  const answer: Answer = {
    window,
    findZone: index.zones.find,
    purse: { left: limits.workPerAnswer },
    cap: (what, event) => {
      isCut = true;
      caps.add(what, event.raw.offset);
    },
    show: (event, start, end, { recurring, instant }) => {
      if (left-- <= 0) return;
      const { uid, allDay } = event;
      const instance = instant === undefined ? {} : { instance: isoInstant(instant) };
      occurrences.push({ uid, ...instance, ...detailsOf(index, event), start: isoInstant(start), end: isoInstant(end), allDay, recurring });
    },
  };
  for (const group of index.groups) {
    if (group.first >= window.to || group.last < window.from || (group.quietFrom <= window.from && window.to <= group.quietTo)) continue;
    if (left <= 0) break;
    const before = left;
    isCut = false;
    const series = group.series ?? read(index, group);
    occurrencesOf(series, answer);
    if (left === before && !isCut) {
      group.quietFrom = window.from;
      group.quietTo = quietUntil(series, window);
    }
  }
  const capped = caps.sentences(index.text);
  if (left <= 0) capped.push(`more than ${limits.occurrences} occurrences in the window; the rest was left out`);
  occurrences.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return {
    ...(index.name === undefined ? {} : { name: index.name }),
    ...(index.refresh === undefined ? {} : { refresh: index.refresh }),
    occurrences,
    events: index.events,
    complete: capped.length === 0,
    problems: [...index.feedProblems, ...index.zones.sentences(), ...index.problems.sentences(index.text), ...capped],
  };
}

function detailsOf(index: CalendarIndex, event: EventRecord): Details {
  let details = index.details.get(event);
  if (!details) {
    details = readDetails(index.text, event.raw, index.options);
    index.details.set(event, details);
  }
  return details;
}

/** Instants are compared as text, which works for years of four digits. */
const isoInstant = (ms: number): string => new Date(Math.min(Math.max(ms, beginOfTime), endOfTime)).toISOString();

function instant(field: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new BadInput(field, `"${text.slice(0, 40)}" is not an instant such as "2026-11-22T18:00:00Z"`);
  return ms;
}

function notCalendar(text: string): PersonasError {
  const isPage = /^\s*(?:<!doctype html|<html)/i.test(text);
  const said = sentence(text.trim() === "" ? "calendar-empty" : isPage ? "calendar-page" : "calendar-other");
  return new PersonasError("calendar-not-a-calendar", inEnglish(said), { responsible: "owner", said });
}

/** Google names a calendar after its owner's address; so the owner's own answers to invitations are known. */
function ownersOf(request: Omit<ExpandRequest, "from" | "to">, feed: RawFeed): ReadonlySet<string> {
  const names = feed.calendars.map((c) => headerText(c, "X-WR-CALNAME") ?? "");
  return new Set([...(request.owners ?? []), ...names.filter((n) => /^[^\s@]+@[^\s@]+$/.test(n))].map((a) => a.toLowerCase()));
}
