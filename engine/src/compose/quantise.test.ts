import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantiseRate, quantiseWeight } from "./quantise.ts";

describe("quantised rates", () => {
  it.each([
    [25_000, 25_000],
    [5_500, 5_500],
    [47_500, 47_400],
    [250, 250],
    [64.9, 64],
    [0.4, 0],
    [0, 0],
  ])("%d kbit/s becomes %d", (rate, expected) => {
    expect(quantiseRate(rate)).toBe(expected);
  });
  it("are whole, never more, at most 2 % less, in order, and stay as they are", () => {
    const rate = fc.integer({ min: 1, max: 3_000_000_000 }).map((n) => n / 1_000);
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const [low, high] = [quantiseRate(Math.min(a, b)), quantiseRate(Math.max(a, b))];
        expect(Number.isInteger(low)).toBe(true);
        expect(low).toBeLessThanOrEqual(Math.min(a, b) + 1e-6);
        expect(low).toBeGreaterThan(Math.min(a, b) * 0.98 - 1);
        expect(low).toBeLessThanOrEqual(high);
        expect(quantiseRate(low)).toBe(low);
      }),
      { seed: 5, numRuns: 1_000 },
    );
  });
});

describe("quantised weights", () => {
  it.each([
    [2.687, 2.7],
    [0.536, 0.54],
    [1.01, 1],
    [0.01, 0.125],
    [99, 8],
  ])("%d becomes %d", (weight, expected) => {
    expect(quantiseWeight(weight)).toBe(expected);
  });
});
