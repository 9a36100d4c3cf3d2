import type { Budget } from "./day-filter.ts";
import { endOfTime, instances, recurrence } from "./expander.ts";
import { limits } from "./limits.ts";
import { parseRule } from "./rule.ts";
import type { Wall } from "./wall.ts";
import type { Zone } from "./zone.ts";

/** One STANDARD or DAYLIGHT block: from each of its onsets on, `to` holds. Offsets in ms. */
export interface Observance {
  start: Wall;
  from: number;
  to: number;
  rules: readonly string[];
  /** Further onsets: wall times in the offset `from`, or instants. */
  dates: readonly { wall: Wall; utc: boolean }[];
}

/** Onsets of rules are worked out between these; earlier instants have the offset before them, later ones keep the last. */
const [earliest, horizon]: [Wall, Wall] = [Date.UTC(1900, 0, 1), Date.UTC(2200, 0, 1)];

/**
 * A zone that a calendar defines itself. Its rules come from the feed, so they go through the same bounded expander as every other
 * rule (ical.js's own Timezone would run them through its unbounded iterator).
 */
export function customZone(id: string, observances: readonly Observance[]): { zone: Zone; capped: boolean } | undefined {
  if (observances.length === 0) return undefined;
  const changes: { at: number; to: number; from: number }[] = [];
  const budget: Budget = { left: limits.work };
  let capped = false;
  for (const o of observances) {
    const add = (wall: Wall) => void changes.push({ at: wall - o.from, to: o.to, from: o.from });
    add(o.start);
    for (const date of o.dates) add(date.utc ? date.wall + o.from : date.wall);
    for (const text of o.rules) {
      const reading = parseRule(text);
      if ("error" in reading) continue;
      const until = reading.rule.until ? untilOf(reading.rule.until, o.from) : endOfTime;
      const { count } = reading.rule;
      const from = count === undefined ? Math.max(o.start, earliest) : o.start;
      let left = Math.min(count ?? Number.POSITIVE_INFINITY, limits.occurrencesPerSeries);
      const outcome = instances(recurrence(reading.rule, o.start, { allDay: false, until }), from, horizon, budget, (wall) => {
        if (wall > o.start) add(wall);
        return --left > 0;
      });
      capped ||= outcome === "out of budget" || (outcome === "stopped" && count === undefined);
    }
  }
  changes.sort((a, b) => a.at - b.at);
  const times = changes.map((c) => c.at);
  const first = changes[0]!.from;
  return { capped, zone: { id, offsetAt: (utc) => changes[lastAtOrBefore(times, utc)]?.to ?? first } };
}

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** UNTIL of an observance: UTC by the standard, local in many files. */
function untilOf(text: string, from: number): Wall {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?/.exec(text);
  if (!match) return endOfTime;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const wall = Date.UTC(year, month - 1, day, Number(match[4] ?? 23), Number(match[5] ?? 59), Number(match[6] ?? 59));
  return match[7] ? wall + from : wall;
}
