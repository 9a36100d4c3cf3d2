import { everyday, formatRate } from "@network-personas/personas";
import type { EngineEvent, SubjectState } from "../model/index.ts";
import { clockTime, percent } from "./format.ts";

export interface TimelineEntry {
  at: string;
  /** Local time of day. */
  time: string;
  text: string;
}

/** A line is read, not studied. */
const mostChanges = 3;

/** What a person wants to know of a stretch of events: what was expected and why, what was applied, what really happened. */
export function timelineOf(events: readonly EngineEvent[], timeZone: string): TimelineEntry[] {
  const active = new Map<string, string>();
  const names = new Map<string, string>();
  const entries: TimelineEntry[] = [];
  let refused = new Set<string>();
  const say = (at: string, text: string) => entries.push({ at, time: clockTime(at, timeZone), text });
  for (const event of events) {
    if (event.type === "subject") {
      const { data } = event;
      names.set(data.subject, data.name);
      if (active.get(data.subject) !== data.active && (active.has(data.subject) || data.active !== everyday))
        say(event.at, expectation(data));
      active.set(data.subject, data.active);
    } else if (event.type === "presence") {
      say(event.at, `${event.data.device} ${event.data.present ? "came on the network" : "left the network"}`);
    } else if (event.type === "activity") {
      const { device, activity } = event.data;
      say(event.at, `  seen: ${activity ? activity.why : `nothing in particular on ${device} any more`}`);
    } else if (event.type === "line") {
      const { inForce } = event.data;
      say(event.at, `  the line carries ${formatRate(inForce.down)} down and ${formatRate(inForce.up)} up; plans are made with that`);
    } else if (event.type === "label") {
      say(event.at, `  really: ${names.get(event.data.subject) ?? event.data.subject} is ${event.data.persona} (${event.data.source})`);
    } else if (event.type === "corrected") {
      const { subject, expected, really, why } = event.data;
      say(event.at, `  corrected: ${names.get(subject) ?? subject} was expected to be ${expected}, is ${really} (${why})`);
    } else if (event.type === "applied") {
      const { changes, result, error } = event.data;
      const shown = changes.slice(0, mostChanges).map((c) => c.summary);
      const more = changes.length > shown.length ? `; and ${changes.length - shown.length} more` : "";
      say(event.at, `  ${result}: ${error?.message ?? `${shown.join("; ")}${more}`}`);
    } else if (event.type === "plan") {
      // A refusal is told when it begins, not as long as it lasts.
      const now = event.data.refusals.map((r) => `  refused: ${r.what}: ${r.because}`);
      for (const text of now) if (!refused.has(text)) say(event.at, text);
      refused = new Set(now);
    }
  }
  return entries;
}

function expectation({ name, active, distribution, evidence, decidedBy }: SubjectState): string {
  const why = evidence
    .filter((e) => e.persona === active && e.logOdds > 0 && e.source !== "safety mix")
    .slice(0, 2)
    .map((e) => e.why);
  const how = decidedBy === "prediction" ? `expected ${active} ${percent(distribution[active] ?? 0)}` : `${active} by ${decidedBy}`;
  return `${name}: ${how}${why.length > 0 && decidedBy === "prediction" ? ` (${why.join("; ")})` : ""}`;
}
