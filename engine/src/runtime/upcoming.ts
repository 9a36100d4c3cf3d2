import { type Belief, later, type Subject, type UpcomingEvent } from "../model/index.ts";
import { eventsOf, type PipelineInput } from "./pipeline.ts";

/** What the calendars of some subjects hold for the next hours, with what each event means to whom. */
export function upcomingEvents(input: PipelineInput, belief: Belief, subjects: readonly Subject[], hours: number): UpcomingEvent[] {
  const end = later(input.at, hours * 60 * 60_000);
  const found = new Map<string, UpcomingEvent>();
  for (const subject of subjects) {
    for (const o of subject.calendars.flatMap((calendar) => input.occurrences.get(calendar) ?? [])) {
      if (o.end <= input.at || o.start >= end) continue;
      const key = `${o.calendar} ${o.uid} ${o.start}`;
      const known = found.get(key);
      if (known) {
        known.subjects.push(subject.id);
        continue;
      }
      const alone = { ...belief, subjects: new Map([[subject.id, { subject: subject.id, evidence: [], events: [o] }]]) };
      const meanings = eventsOf(input, alone, subject).flatMap((event) => event.matches);
      const { calendar, uid, summary, start, allDay } = o;
      found.set(key, { calendar, uid, subjects: [subject.id], summary, start, end: o.end, allDay, meanings });
    }
  }
  return [...found.values()].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.uid < b.uid ? -1 : 1));
}
