import type { Occurrence } from "../model/index.ts";

/** What reading a calendar's text gave. Problems are sentences: what was skipped, repaired or capped. */
export interface Expansion {
  /** Calendar's own name (X-WR-CALNAME), if any. */
  name?: string;
  occurrences: readonly Omit<Occurrence, "calendar">[];
  problems: readonly string[];
  /** Events in the text, recurring or not. */
  events: number;
}
export interface ExpandRequest {
  ics: string;
  /** UTC instants; occurrences that overlap [from, to) are wanted. */
  from: string;
  to: string;
  /** Home zone for floating and all-day values. */
  timeZone: string;
}
