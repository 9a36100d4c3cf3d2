import type { Occurrence } from "../model/index.ts";

/** What reading a calendar's text gave. Problems are sentences: what was skipped, repaired or capped. */
export interface Expansion {
  /** Calendar's own name (X-WR-CALNAME), if any. */
  name?: string;
  occurrences: readonly Omit<Occurrence, "calendar">[];
  problems: readonly string[];
  /** Events in the text, recurring or not. */
  events: number;
  /** False when a limit cut something off in this window (then a problem says what). */
  complete: boolean;
  /** How often the publisher says to look again, ms. */
  refresh?: number;
}
export interface ExpandRequest {
  ics: string;
  /** UTC instants; occurrences that overlap [from, to) are wanted. */
  from: string;
  to: string;
  /** Home zone for floating and all-day values. */
  timeZone: string;
  /** Mail addresses of the person whose calendar it is, so that invitations declined count as such. */
  owners?: readonly string[];
  /** Further hosts whose links are calls, besides the well-known ones. */
  conferenceHosts?: readonly string[];
  /** Keep the titles of private events. For people who look at their own file. */
  showPrivate?: boolean;
}
