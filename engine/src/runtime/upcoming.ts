import { conferenceProvider, type EventFeatureInput, eventFeatures } from "../calendar/index.ts";
import { type Instant, type Occurrence, type Subject, subjectsOf, type UpcomingEvent } from "../model/index.ts";
import type { PipelineInput } from "./pipeline.ts";

export interface UpcomingQuery {
  /** Only the calendars of this subject; all of the home, also those nobody lists, when absent. */
  subject?: string;
  from: Instant;
  to: Instant;
}

export type UpcomingInputs = Pick<PipelineInput, "home" | "personas" | "occurrences">;

/** What the calendars hold in a window, with what each event means and to whom. Cancelled and declined events are not there. */
export function upcomingEvents(input: UpcomingInputs, query: UpcomingQuery): UpcomingEvent[] {
  const { calendars } = input.home;
  const owners = subjectsOf(input.home).filter((s) => query.subject === undefined || s.id === query.subject);
  const said = {
    personas: input.personas,
    meanings: new Map(calendars.map((c) => [c.id, c.meanings])),
    calendarNames: new Map(calendars.flatMap((c) => (c.name ? [[c.id, c.name]] : []))),
  };
  return calendars
    .flatMap((calendar) => {
      const subjects = owners.filter((s) => s.calendars.includes(calendar.id));
      if (query.subject !== undefined && subjects.length === 0) return [];
      const held = (input.occurrences.get(calendar.id) ?? []).filter((o) => isComing(o, query));
      return held.map((o) => upcomingEvent(said, o, subjects));
    })
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.id < b.id ? -1 : 1));
}

/** As everywhere, what has no length belongs to the window it begins in. */
const isComing = (o: Occurrence, { from, to }: UpcomingQuery): boolean =>
  o.start < to && (o.end > from || o.start >= from) && o.status !== "cancelled" && o.participation !== "declined";

function upcomingEvent(said: Omit<EventFeatureInput, "occurrences" | "at">, o: Occurrence, subjects: readonly Subject[]): UpcomingEvent {
  const name = said.calendarNames?.get(o.calendar) ?? o.calendarName;
  const [feature] = eventFeatures({ ...said, occurrences: [o], at: o.start });
  return {
    id: occurrenceId(o),
    calendar: o.calendar,
    ...(name ? { calendarName: name } : {}),
    uid: o.uid,
    subjects: subjects.map((s) => s.id),
    summary: o.summary,
    ...(o.location ? { location: o.location } : {}),
    categories: o.categories,
    start: o.start,
    end: o.end,
    allDay: o.allDay,
    busy: o.busy,
    status: o.status === "tentative" ? "tentative" : "confirmed",
    recurring: o.recurring,
    ...(o.conferenceHost ? { conference: { provider: conferenceProvider(o.conferenceHost), host: o.conferenceHost } } : {}),
    meanings: [...(feature?.matches ?? [])],
  };
}

/** Stays the same when an occurrence is moved or edited. An event without a UID is told by its title and start instead. */
export function occurrenceId(o: Pick<Occurrence, "uid" | "instance" | "summary" | "start">): string {
  if (o.uid === "") return `${o.summary}_${compact(o.start)}`;
  return o.instance === undefined ? o.uid : `${o.uid}_${compact(o.instance)}`;
}

/** 2026-11-22T09:00:00.000Z as 20261122T090000Z. */
const compact = (at: Instant): string => at.replace(/[-:]|\.\d+/g, "");
