import type { EventFeature, FeatureVector } from "../model/index.ts";

/** A person at home on a Monday at 09:50 with a phone, for tests to vary. */
export function someFeatures(change: Partial<FeatureVector> = {}): FeatureVector {
  return {
    subject: "alice",
    appliesTo: "person",
    kinds: ["laptop", "phone"],
    at: "2026-11-23T08:50:00.000Z",
    horizon: 15 * 60_000,
    local: { minuteOfDay: 590, dayOfWeek: 1, day: 20780 },
    place: "home",
    devices: [{ id: "alice-phone", kind: "phone", minutesPresent: 400 }],
    shared: [],
    events: [],
    recent: [],
    evidence: [],
    ...change,
  };
}

/** A stand-up in ten minutes that speaks for `persona`. */
export function someEvent(change: Partial<EventFeature> = {}, persona = "remote-worker", strength = 0.9): EventFeature {
  return {
    calendar: "work",
    key: "standup",
    startsIn: 10,
    endsIn: 40,
    allDay: false,
    busy: "busy",
    matches: [{ persona, strength, matched: "standup" }],
    elsewhere: false,
    ...change,
  };
}

/** Local time of minute `n` after a Monday midnight. */
export const localAt = (n: number): FeatureVector["local"] => ({
  minuteOfDay: n % 1440,
  dayOfWeek: (Math.floor(n / 1440) % 7) + 1,
  day: 20780 + Math.floor(n / 1440),
});
