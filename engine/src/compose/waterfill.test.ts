import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Sharer, Waterfill } from "./waterfill.ts";

const equal = (hi: number, lo = 0): Sharer => ({ lo, hi, weight: 1 });
const shares = (sharers: readonly Sharer[], room: number) => sharers.map((sharer, i) => new Waterfill(sharers, room).share(i, sharer.hi));

describe("weighted max-min", () => {
  it.each([
    ["everybody has enough", [equal(2), equal(3)], 10, [2, 3]],
    ["the modest are served, the greedy share the rest", [equal(2), equal(9), equal(9)], 10, [2, 4, 4]],
    [
      "by weight",
      [
        { lo: 0, hi: 9, weight: 3 },
        { lo: 0, hi: 9, weight: 1 },
      ],
      8,
      [6, 2],
    ],
    ["what somebody surely has comes first (whose own share is told without it)", [equal(9), equal(9, 6)], 8, [2, 4]],
    ["no room", [equal(5)], 0, [0]],
  ] as const)("%s", (_, sharers, room, expected) => {
    shares(sharers, room).forEach((share, i) => {
      expect(share).toBeCloseTo(expected[i]!, 9);
    });
  });

  it("fills the room exactly when there is demand, and nobody asks in vain for less than the fair share", () => {
    const sharer = fc.record({
      lo: fc.constant(0),
      hi: fc.integer({ min: 0, max: 1_000 }),
      weight: fc.integer({ min: 1, max: 64 }).map((w) => w / 8),
    });
    fc.assert(
      fc.property(fc.array(sharer, { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 3_000 }), (sharers, room) => {
        const given = shares(sharers, room);
        const demand = sharers.reduce((sum, { hi }) => sum + hi, 0);
        expect(given.reduce((sum, share) => sum + share, 0)).toBeCloseTo(Math.min(room, demand), 6);
        const level = Math.max(0, ...given.map((share, i) => share / sharers[i]!.weight));
        // Whoever is below the highest level has all it asked for.
        given.forEach((share, i) => {
          if (share / sharers[i]!.weight < level - 1e-6) expect(share).toBeCloseTo(sharers[i]!.hi, 6);
        });
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it("one's own larger demand never gives less, and a bonus is one's own", () => {
    const sharers = [equal(4), { lo: 1, hi: 10, weight: 2 }, equal(7)];
    const fill = new Waterfill(sharers, 9);
    let last = 0;
    for (let demand = 0; demand <= 12; demand++) {
      const share = fill.share(1, demand);
      expect(share).toBeGreaterThanOrEqual(last);
      last = share;
    }
    expect(fill.share(1, 12, 4)).toBeGreaterThan(fill.share(1, 12));
  });
});
