import { describe, expect, it } from "vitest";
import type { HomeLog } from "./home-log.ts";
import { samplesOf, windowClass } from "./protocol.ts";
import { run } from "./run.ts";
import { floored, score } from "./score.ts";
import { synthesise } from "./synthetic-home.ts";

/** Two days: asleep until 08:00, then away, with a shower at 08:00 and a missing minute at the very end. */
function log(): HomeLog {
  const minutes = Int8Array.from({ length: 2880 }, (_, m) => (m % 1440 < 480 ? 1 : m % 1440 < 500 ? 2 : 0));
  minutes[2879] = -1;
  return { name: "two days", classes: ["idle", "asleep", "bath"], target: "dominant", start: 0, days: 2, minutes, extra: {} };
}

describe("protocol", () => {
  it("labels a window with its most frequent class, ties to the lower one, missing when a minute is", () => {
    const home = log();
    expect(windowClass(home, 470, 485)).toBe(1);
    expect(windowClass(home, 475, 485)).toBe(1);
    expect(windowClass(home, 490, 510)).toBe(0);
    expect(windowClass(home, 2870, 2880)).toBe(-1);
  });
  it("asks every quarter of an hour, and knows nothing of what comes", () => {
    const samples = samplesOf(log(), "T60");
    const atEight = samples.find((s) => s.at === 480)!;
    expect(atEight).toMatchObject({ answer: 0, known: 540 });
    expect(atEight.moment).toMatchObject({ current: 1, dwell: 480, minute: 480, weekday: 3, yesterday: -1 });
    expect(samples.find((s) => s.at === 1920)!.moment.yesterday).toBe(0);
    expect(samples.at(-1)).toMatchObject({ at: 2820, answer: -1 });
  });
  it("asks what starts, among what can", () => {
    const onsets = samplesOf(log(), "ONSET");
    expect(onsets.map((s) => [s.at, s.answer])).toEqual([
      [480, 2],
      [1440, 1],
      [1920, 2],
    ]);
    expect(onsets[0]!.moment.allowed).toEqual([false, false, true]);
  });
  it("lets nobody learn an answer before its window is over", () => {
    const samples = samplesOf(log(), "T60");
    let now = 0;
    const known = new Map(samples.map((s) => [s.moment, s.known]));
    run(
      {
        predict: (m) => {
          now = m.day * 1440 + m.minute;
          return [1, 1, 1];
        },
        // Answers come in just before the next question is asked.
        learn: (m) => expect(known.get(m)).toBeLessThanOrEqual(now + 15),
      },
      samples,
    );
  });
  it("scores as defined", () => {
    const p = floored([0.8, 0.2, 0], [true, true, false]);
    expect([...p]).toEqual([0.999 * 0.8 + 0.0005, 0.999 * 0.2 + 0.0005, 0]);
    const half = Float64Array.from([0.5, 0.5]);
    expect(score(Array(6).fill(half), [0, 0, 0, 1, 1, 1])).toMatchObject({ n: 6, logloss: Math.log(2), brier: 0.5, top2: 1, ece: 0 });
  });
});

describe("synthetic home", () => {
  it("is the same for the same seed, and its oracle's probabilities are probabilities", () => {
    const [a, b] = [synthesise(5, "drift", 14), synthesise(5, "drift", 14)];
    expect(a.log.minutes).toEqual(b.log.minutes);
    for (const p of a.oracle) expect(p.reduce((x, y) => x + y)).toBeCloseTo(1, 9);
  });
  it("has an oracle that is calibrated: it claims as much loss as it has", () => {
    const home = synthesise(7, "devices", 60);
    let [claimed, had] = [0, 0];
    home.oracle.forEach((p, s) => {
      claimed -= p.reduce((sum, q) => sum + (q > 0 ? q * Math.log(q) : 0), 0);
      had -= Math.log(p[home.log.minutes[s * 15]!]!);
    });
    expect(had / claimed).toBeGreaterThan(0.95);
    expect(had / claimed).toBeLessThan(1.05);
  });
});
