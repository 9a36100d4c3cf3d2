import type { UpcomingEvent } from "@network-personas/engine/model";
import { instantOfWall, midnightWall } from "./calendar-zone.ts";

/** When a calendar node fires. Offsets in minutes; negative is before. */
export interface TriggerSettings {
  start: readonly number[];
  end: readonly number[];
  /** Minutes after local midnight at which an all-day event counts as begun. */
  allDayAt: number;
}

/** One moment at which one event fires. */
export interface Trigger {
  kind: "start" | "end";
  /** Minutes. */
  offset: number;
  /** Milliseconds since 1970. */
  due: number;
  event: UpcomingEvent;
}

const minute = 60_000;

/** Every moment the events trigger, in order of time. */
export function triggersOf(events: readonly UpcomingEvent[], settings: TriggerSettings, timeZone: string): Trigger[] {
  const of = (event: UpcomingEvent, kind: Trigger["kind"]): Trigger[] =>
    settings[kind].map((offset) => ({ kind, offset, due: dueOf(event, kind, offset, settings, timeZone), event }));
  return events.flatMap((event) => [...of(event, "start"), ...of(event, "end")]).sort((a, b) => a.due - b.due);
}

/**
 * An offset from a time of day is a stretch of time. An all-day event has none: there it moves the hands of the clock, so that "six
 * hours before" is 18:00 also when the clocks change that night.
 */
function dueOf(event: UpcomingEvent, kind: Trigger["kind"], offset: number, settings: TriggerSettings, timeZone: string): number {
  const at = Date.parse(event[kind]);
  if (!event.allDay) return at + offset * minute;
  const hands = (kind === "start" ? settings.allDayAt : 0) + offset;
  return instantOfWall(timeZone, midnightWall(timeZone, at) + hands * minute);
}

/** How far before and after now events may lie, in ms, that are due from `back` ago to `ahead` from now. */
export function reachOf(settings: TriggerSettings, back: number, ahead: number): { back: number; ahead: number } {
  const offsets = [...settings.start, ...settings.end];
  // Clocks may change in between, and the list and its user may not have exactly the same time.
  const margin = 180 * minute;
  return {
    back: back + Math.max(0, ...offsets) * minute + margin,
    ahead: ahead + Math.max(0, ...offsets.map((offset) => -offset)) * minute + margin,
  };
}

/** Offsets as people write them: "-10, 0". Undefined where one is no number of minutes within a week. */
export function parseOffsets(text: string): number[] | undefined {
  const offsets = text
    .replace(/[−–]/g, "-")
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (offsets.length === 0) return [0];
  return offsets.every((offset) => Math.abs(offset) <= 10_080) ? [...new Set(offsets)] : undefined;
}

/** "07:30" as minutes after midnight; midnight when empty. */
export function parseTimeOfDay(text: string): number | undefined {
  if (text.trim() === "") return 0;
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}
