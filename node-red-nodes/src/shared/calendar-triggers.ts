import type { UpcomingEvent } from "@network-personas/engine/model";

/** When a calendar node fires. Offsets in minutes; negative is before. */
export interface TriggerSettings {
  start: boolean;
  startOffset: number;
  end: boolean;
  endOffset: number;
}

export interface EventFilter {
  calendar: string;
  persona: string;
  text: string;
}

export interface Trigger {
  kind: "start" | "end";
  /** Milliseconds since 1970. */
  at: number;
  event: UpcomingEvent;
}

/** The events a node cares for; empty filters let everything pass. */
export function matching(events: readonly UpcomingEvent[], filter: EventFilter): UpcomingEvent[] {
  const text = filter.text.trim().toLowerCase();
  return events.filter(
    (event) =>
      (filter.calendar === "" || event.calendar === filter.calendar) &&
      (filter.persona === "" || event.meanings.some((meaning) => meaning.persona === filter.persona)) &&
      event.summary.toLowerCase().includes(text),
  );
}

/** Every moment the events trigger, in order of time. */
export function triggersOf(events: readonly UpcomingEvent[], settings: TriggerSettings): Trigger[] {
  const triggers = events.flatMap((event): Trigger[] => [
    ...(settings.start ? [{ kind: "start" as const, at: Date.parse(event.start) + settings.startOffset * 60_000, event }] : []),
    ...(settings.end ? [{ kind: "end" as const, at: Date.parse(event.end) + settings.endOffset * 60_000, event }] : []),
  ]);
  return triggers.sort((a, b) => a.at - b.at);
}

/** The list to go on with: what the calendar says now, and ended events it no longer lists but that still have to trigger. */
export function mergeEvents(
  before: readonly UpcomingEvent[],
  now: readonly UpcomingEvent[],
  at: number,
  settings: TriggerSettings,
): UpcomingEvent[] {
  const listed = new Set(now.map(occurrenceKey));
  const ended = before.filter((event) => Date.parse(event.end) <= at && !listed.has(occurrenceKey(event)));
  return [...ended.filter((event) => triggersOf([event], settings).some((trigger) => trigger.at > at)), ...now];
}

const occurrenceKey = (event: UpcomingEvent) => `${event.calendar} ${event.uid} ${event.start}`;
