import type { PersonaSet } from "@network-personas/personas";
import type { EventFeature } from "../model/index.ts";

/**
 * The events that may already act: an event counts for a persona only once it starts within that persona's lead time,
 * so that a meeting in two hours does not occupy the line now.
 */
export function withinLeadTime(events: readonly EventFeature[], personas: PersonaSet): EventFeature[] {
  return events.map((event) => ({
    ...event,
    matches: event.matches.filter(({ persona }) => event.startsIn * 60_000 <= (personas.get(persona)?.leadTime ?? 0)),
  }));
}
