import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { later } from "../model/index.ts";
import { type LineLook, type LineMemory, learnLine, statedLine } from "./line-rate.ts";

const stated = { down: 50_000, up: 10_000 };
const start = "2026-11-17T19:00:00.000Z";
type Seen = Omit<LineLook, "at">;

/** Looks every two seconds; what is seen may depend on what is in force. */
function watch(seconds: number, seen: (inForce: LineMemory["inForce"]) => Seen, memory = statedLine(stated), from = start): LineMemory {
  let now = memory;
  for (let s = 0; s < seconds; s += 2) now = learnLine(now, { at: later(from, s * 1000), ...seen(now.inForce) }, stated);
  return now;
}
/** A line that really carries so much, with a deep queue before it, and somebody who wants more. */
const real = (down: number, up: number) => (inForce: LineMemory["inForce"]) => {
  const over = inForce.down * 0.95 > down || inForce.up * 0.95 > up;
  return {
    carried: { down: Math.min(down, inForce.down * 0.95), up: Math.min(up, inForce.up * 0.95) },
    roundTrip: over ? 240 : 22,
  };
};
const idle = { carried: { down: 20, up: 5 }, roundTrip: 20 };

describe("learnLine", () => {
  it("takes the owner's word for a line that keeps it", () => {
    expect(watch(600, real(50_000, 10_000)).inForce).toEqual(stated);
  });
  it.each([45_000, 30_000, 20_000])("finds a line that carries %i kbit/s within a minute, on the safe side", (down) => {
    const learned = watch(
      60,
      real(down, 10_000),
      watch(10, () => idle),
    ).inForce;
    expect(learned.down * 0.95).toBeLessThanOrEqual(down);
    expect(learned.down).toBeGreaterThan(0.7 * down);
  });
  it("lowers only the direction that is used", () => {
    const seen = watch(
      60,
      () => ({ carried: { down: 100, up: 6_000 }, roundTrip: 200 }),
      watch(10, () => idle),
    );
    expect(seen.inForce.up).toBeLessThan(stated.up);
    expect(seen.inForce.down).toBe(stated.down);
  });
  it("goes up again slowly once the line is better, and not beyond the owner's word", () => {
    const bad = watch(
      60,
      real(30_000, 10_000),
      watch(10, () => idle),
    );
    const later10 = watch(600, real(50_000, 10_000), bad, later(start, 60_000));
    expect(later10.inForce.down).toBeGreaterThan(bad.inForce.down * 1.1);
    expect(later10.inForce.down).toBeLessThan(bad.inForce.down * 1.3);
    expect(watch(4 * 3_600, real(50_000, 10_000), later10, later(start, 660_000)).inForce).toEqual(stated);
  });
  it("changes a plan only for what is worth it", () => {
    let memory = watch(
      60,
      real(30_000, 10_000),
      watch(10, () => idle),
    );
    const rates = new Set([memory.inForce.down]);
    for (let s = 60; s < 660; s += 2) {
      memory = learnLine(memory, { at: later(start, s * 1000), ...real(50_000, 10_000)(memory.inForce) }, stated);
      rates.add(memory.inForce.down);
    }
    const steps = [...rates];
    expect(steps.slice(1).every((rate, i) => rate >= steps[i]! * 1.05 || rate === stated.down)).toBe(true);
  });
  it("blames a slow host or a silent one on nobody while the line is idle", () => {
    const slow = watch(
      120,
      () => ({ ...idle, roundTrip: 300 }),
      watch(10, () => idle),
    );
    expect(slow.inForce).toEqual(stated);
    expect(watch(120, () => ({ ...idle, roundTrip: null }), slow).inForce).toEqual(stated);
  });
  it("takes silence under load for a full queue", () => {
    const silent = watch(
      60,
      () => ({ carried: { down: 20_000, up: 300 }, roundTrip: null }),
      watch(10, () => idle),
    );
    expect(silent.inForce.down).toBeLessThan(stated.down);
  });
  it("is never above the owner's word nor below a quarter of it, whatever it sees", () => {
    const look = fc.record({
      carried: fc.record({ down: fc.double({ min: 0, max: 2e6, noNaN: true }), up: fc.double({ min: 0, max: 2e6, noNaN: true }) }),
      roundTrip: fc.option(fc.double({ min: 0, max: 5_000, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 80 }), (looks) => {
        let memory = statedLine(stated);
        looks.forEach((seen, i) => {
          memory = learnLine(memory, { at: later(start, i * 7_000), ...seen }, stated);
          for (const way of ["down", "up"] as const) {
            expect(memory.inForce[way]).toBeLessThanOrEqual(stated[way]);
            expect(memory.inForce[way]).toBeGreaterThanOrEqual(0.25 * stated[way]);
          }
        });
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});
