import type { FeatureVector, Label, SubjectBelief } from "../model/index.ts";

type Recent = FeatureVector["recent"][number];

const minute = 60_000;
/** Labels of one persona this close together are one activity. */
const joins = 5 * minute;
/** A week and a day: "the same time last week" must still be seen. */
const reach = 8 * 24 * 60 * minute;
const longest = 512;

interface Stretch {
  persona: string;
  from: number;
  to: number;
  weight: number;
}

/**
 * What really happened up to `at`, newest first, neighbouring labels of one persona joined.
 * A label is seen only when its window is over; what is recognised as going on now counts from when it was recognised until `at`.
 * A stretch is as sure as its newest part.
 */
export function recentActivity(labels: readonly Label[], activity: SubjectBelief["activity"], at: number): Recent[] {
  const stretches: Stretch[] = [];
  if (activity && Date.parse(activity.at) <= at) {
    stretches.push({ persona: activity.persona, from: Date.parse(activity.at), to: at, weight: activity.weight });
  }
  for (const label of labels) {
    const from = Date.parse(label.from);
    const to = Date.parse(label.to);
    if (to > at || to <= from) continue;
    if (to < at - reach || stretches.length >= longest) break;
    include(stretches, { persona: label.persona, from, to, weight: label.weight });
  }
  return stretches.map(({ persona, from, to, weight }) => ({
    persona,
    minutesAgo: (at - to) / minute,
    minutes: (to - from) / minute,
    ...(weight < 1 ? { weight } : {}),
  }));
}

/** Adds an older stretch: joined to the one after it, or cut off where that one begins. */
function include(stretches: Stretch[], older: Stretch): void {
  const newer = stretches.at(-1);
  if (newer && older.persona === newer.persona && older.to >= newer.from - joins) {
    newer.from = Math.min(newer.from, older.from);
    return;
  }
  const to = newer ? Math.min(older.to, newer.from) : older.to;
  if (to > older.from) stretches.push({ ...older, to });
}
