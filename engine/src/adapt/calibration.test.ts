import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Label } from "../model/index.ts";
import { judged, measure, surenessOf } from "./calibration.ts";
import { outcomeOf } from "./lessons.ts";
import type { Foreseen } from "./today.ts";

const quarter = 15 * 60_000;
const start = Date.parse("2026-11-02T08:00:00Z");
const at = (quarters: number) => new Date(start + quarters * quarter).toISOString();
const said = (quarters: number, gamer: number): Foreseen => ({
  subject: "bob",
  at: at(quarters),
  horizon: quarter,
  distribution: { gamer, everyday: 1 - gamer },
});
const was = (from: number, to: number, persona: string): Label => ({
  subject: "bob",
  from: at(from),
  to: at(to),
  persona,
  weight: 1,
  source: "router",
});
/** Ten days of which half are played through, as in `p` it was said beforehand. */
const days = (p: (came: boolean) => number) =>
  judged(
    Array.from({ length: 960 }, (_, i) => said(i, p(i % 192 < 96))),
    Array.from({ length: 10 }, (_, day) => was(day * 96, day * 96 + 96, day % 2 === 0 ? "gamer" : "everyday")),
  );

describe("measure", () => {
  it("compares with knowing only how often things happen", () => {
    const known = measure(days((came) => (came ? 0.9 : 0.1)));
    expect(known).toMatchObject({ right: 1, commonest: 0.5 });
    expect(known!.ours).toBeCloseTo(0.9);
    expect(known!.guess).toBeCloseTo(0.5);
    const ignorant = measure(days(() => 0.5))!;
    expect(ignorant.ours).toBeCloseTo(ignorant.guess);
  });

  it("tells how often the first guess was right when it was so sure", () => {
    expect(surenessOf(days(() => 0.9))).toEqual([
      { from: 0.85, to: 0.95, windows: 960, said: expect.closeTo(0.9), right: expect.closeTo(0.5) },
    ]);
  });

  it("judges what goes on, not only what begins", () => {
    // Nine hours of the same, and one surprise at their beginning.
    const all = judged(
      Array.from({ length: 100 }, (_, i) => said(i, i === 0 ? 0.01 : 0.99)),
      [was(0, 100, "gamer")],
    );
    expect(measure(all)).toMatchObject({ right: 0.99 });
  });

  it("says nothing of less than a day", () => {
    expect(measure(days(() => 0.5).slice(0, 95))).toBeNull();
  });
});

it("judges each prediction by its own outcome, whatever labels there are", () => {
  const label = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom("gamer", "everyday"))
    .map(([from, length, persona]) => was(from / 2, (from + length) / 2, persona));
  fc.assert(
    fc.property(fc.array(label, { maxLength: 12 }), (labels) => {
      const predictions = Array.from({ length: 24 }, (_, i) => said(i, 0.5));
      const expected = predictions.flatMap((p) => outcomeOf(p, labels)?.persona ?? []);
      expect(judged(predictions, labels).map(({ happened }) => happened)).toEqual(expected);
    }),
  );
});
