import type { UpcomingEvent } from "@network-personas/engine/model";
import { isoWithOffset } from "./calendar-zone.ts";

/** Which events a node cares for; empty filters let everything pass. */
export interface EventFilter {
  calendar: string;
  persona: string;
  /** Part of the title, place or a category; or a regular expression as /expression/flags. */
  text: string;
  busy: "" | "busy" | "free" | "out-of-office";
  allDay: "" | "all-day" | "timed";
}

const folded = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** What a text filter means. Throws SyntaxError for a regular expression that is none. */
export function textTest(filter: string): (text: string) => boolean {
  const written = filter.trim();
  const expression = /^\/(.+)\/([a-z]*)$/s.exec(written);
  if (expression) {
    const pattern = new RegExp(expression[1]!, expression[2]!.replace(/[gy]/g, ""));
    return (text) => pattern.test(text);
  }
  const part = folded(written);
  return (text) => folded(text).includes(part);
}

export function matching(events: readonly UpcomingEvent[], filter: EventFilter): UpcomingEvent[] {
  const fits = textTest(filter.text);
  return events.filter(
    (event) =>
      (filter.calendar === "" || event.calendar === filter.calendar) &&
      (filter.persona === "" || event.meanings.some((meaning) => meaning.persona === filter.persona)) &&
      (filter.busy === "" || (filter.busy === "busy" ? event.busy !== "free" : event.busy === filter.busy)) &&
      (filter.allDay === "" || (filter.allDay === "all-day") === event.allDay) &&
      [event.summary, event.location ?? "", ...event.categories].some(fits),
  );
}

/** An event as flows get it: times in the home's zone, and how far away they are. */
export function eventPayload(event: UpcomingEvent, now: number, timeZone: string) {
  const { start, end, recurring, location, conference, ...rest } = event;
  const minutesTo = (at: string) => Math.round((Date.parse(at) - now) / 60_000);
  return {
    ...rest,
    location: location ?? "",
    start: isoWithOffset(timeZone, Date.parse(start)),
    end: isoWithOffset(timeZone, Date.parse(end)),
    isRecurring: recurring,
    minutesToStart: minutesTo(start),
    minutesToEnd: minutesTo(end),
    conference: conference ?? null,
  };
}
