import type { Home } from "@network-personas/engine/model";
import { type Belief, type FeatureVector, type Label, later, type SubjectBelief, subjectsOf } from "@network-personas/engine/model";
import { type Example, type Scorer, scorers } from "@network-personas/engine/predict";
import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { extractFeatures } from "../../engine/src/features/index.ts";

const { personas } = await loadPersonas();
const home = {
  home: { id: "home", name: "Home", timeZone: "Europe/Berlin" },
  devices: [
    { id: "alice-laptop", kind: "laptop", macs: [], infrastructure: false },
    { id: "console", kind: "console", macs: [], infrastructure: false },
  ],
  people: [{ id: "alice", devices: ["alice-laptop"], calendars: [] }],
} satisfies Pick<Home, "home" | "devices" | "people">;
const alice = subjectsOf(home as unknown as Home)[0]!;

const slot = 15 * 60_000;
const start = "2026-01-05T00:00:00.000Z";
const perDay = 96;

/** What Alice does in each quarter of an hour: a routine with chance in it; from `moved` on, an hour and three quarters later. */
function life(days: number, moved = Number.POSITIVE_INFINITY): string[] {
  let state = 12345;
  const chance = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return Array.from({ length: days }, (_, day) => {
    const shift = day >= moved ? 7 : 0;
    const weekend = day % 7 >= 5;
    const work = weekend ? null : { from: 32 + shift + Math.floor(chance() * 5), until: 60 + shift + Math.floor(chance() * 8) };
    const play =
      chance() < (weekend ? 0.8 : 0.5)
        ? { from: 72 + shift + Math.floor(chance() * 6), until: 80 + shift + Math.floor(chance() * 8) }
        : null;
    return Array.from({ length: perDay }, (_, q) => {
      if (work && q >= work.from && q < work.until) return "remote-worker";
      if (play && q >= play.from && q < play.until) return "gamer";
      return "everyday";
    });
  }).flat();
}

/** Log loss per slot of a scorer that sees labels when their quarter of an hour is over, as the running engine does. */
function losses(scorer: Scorer, activities: readonly string[]): number[] {
  let state = scorer.create();
  let waiting: Example | undefined;
  const labels: Label[] = [];
  return activities.map((persona, i) => {
    if (waiting) state = scorer.learn(state, waiting, personas);
    const at = later(start, i * slot);
    const playing = persona === "gamer" || activities[i - 1] === "gamer";
    const belief: Belief = {
      at,
      devices: new Map([["console", { present: playing, confidence: 1 }]]),
      subjects: new Map([["alice", { subject: "alice", place: "home", evidence: [], events: [] }]]),
    };
    const features = extractFeatures({
      subject: alice,
      belief,
      home,
      personas,
      labels: labels.slice(0, 900),
      events: [],
      at,
      horizon: slot,
    });
    const { distribution } = scorer.predict(features, personas, state);
    waiting = { features, persona, weight: 1 };
    labels.unshift({ subject: "alice", persona, from: at, to: later(at, slot), weight: 1, source: "test" });
    return -Math.log(Math.max(distribution[persona] ?? 0, 1e-3));
  });
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const daysOf = (list: readonly number[], from: number, to: number) => mean(list.slice(from * perDay, to * perDay));

describe("predicting a person's weeks from labels alone", () => {
  it("gets better with time, and much better than the founding formula", () => {
    const activities = life(15);
    const learned = losses(scorers.get("learned")!, activities);
    const additive = losses(scorers.get("additive")!, activities);
    expect(daysOf(learned, 8, 15)).toBeLessThan(daysOf(learned, 0, 3));
    expect(daysOf(learned, 8, 15)).toBeLessThan(daysOf(additive, 8, 15) / 2);
    expect(daysOf(learned, 8, 15)).toBeLessThan(0.2);
  });
  it("follows an activity from the minute it is confirmed, also one never met before", () => {
    const learned = scorers.get("learned")!;
    const noon = later(start, 24 * 60 * 60_000 + 12 * 60 * 60_000);
    const day: Label = { subject: "alice", persona: "everyday", from: start, to: noon, weight: 1, source: "test" };
    const at = (believed: Partial<SubjectBelief>) => {
      const belief: Belief = {
        at: noon,
        devices: new Map([["console", { present: true, since: start, confidence: 1 }]]),
        subjects: new Map([["alice", { subject: "alice", place: "home", evidence: [], events: [], ...believed }]]),
      };
      return extractFeatures({ subject: alice, belief, home, personas, labels: [day], events: [], at: noon, horizon: slot });
    };
    let state = learned.create();
    const quiet = at({});
    for (let q = 0; q < perDay; q++)
      state = learned.learn(
        state,
        {
          features: { ...quiet, local: { ...quiet.local, day: quiet.local.day - 1, minuteOfDay: q * 15 } },
          persona: "everyday",
          weight: 1,
        },
        personas,
      );
    const expected = (features: FeatureVector) => learned.predict(features, personas, state).distribution["video-editor"]!;
    expect(expected(quiet)).toBeLessThan(0.1);
    expect(
      expected(at({ activity: { persona: "video-editor", source: "owner", at: noon, expiresAt: later(noon, 600_000), weight: 1 } })),
    ).toBeGreaterThan(0.8);
  });
  it("learns new hours within ten days", () => {
    const moved = 12;
    const changed = losses(scorers.get("learned")!, life(moved + 14, moved));
    expect(daysOf(changed, moved + 9, moved + 14)).toBeLessThan(1.25 * daysOf(changed, 5, moved) + 0.02);
  });
});
