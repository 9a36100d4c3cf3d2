import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../model/index.ts";
import { calibrate } from "./calibration.ts";

const start = Date.parse("2026-11-02T08:00:00Z");
const at = (hours: number) => new Date(start + hours * 3_600_000).toISOString();
const said = (hours: number, gamer: number): HistoryEntry => ({
  kind: "prediction",
  subject: "bob",
  at: at(hours),
  horizon: 15 * 60_000,
  distribution: { gamer, everyday: 1 - gamer },
});
const was = (hours: number, persona: string): HistoryEntry => ({
  kind: "label",
  subject: "bob",
  from: at(hours),
  to: at(hours + 0.5),
  persona,
  weight: 1,
  source: "override",
});
const days = (p: (came: boolean) => number) =>
  Array.from({ length: 10 }, (_, i) => [said(2 * i, p(i % 2 === 0)), was(2 * i + 0.5, i % 2 === 0 ? "gamer" : "everyday")]).flat();

describe("calibrate", () => {
  it("compares with knowing only how often things happen", () => {
    const known = calibrate(
      days((came) => (came ? 0.9 : 0.1)),
      "bob",
    );
    expect(known).toMatchObject({ moments: 10 });
    expect(known!.ours).toBeCloseTo(0.9);
    expect(known!.guess).toBeCloseTo(0.5);
    const ignorant = calibrate(
      days(() => 0.5),
      "bob",
    )!;
    expect(ignorant.ours).toBeCloseTo(ignorant.guess);
  });

  it("tells how often what was said came true", () => {
    const overconfident = calibrate(
      days(() => 0.9),
      "bob",
    )!;
    expect(overconfident.bins.at(-1)).toMatchObject({ from: 0.8, to: 1, came: 0.5 });
    expect(overconfident.bins.at(-1)!.said).toBeCloseTo(0.9);
  });

  it("does not count what was said after it began, long before, or of somebody else", () => {
    const late = Array.from({ length: 6 }, (_, i) => [was(4 * i, "gamer"), said(4 * i, 1), said(4 * i + 2, 1)]).flat();
    expect(calibrate(late, "bob")).toBeUndefined();
    expect(
      calibrate(
        days(() => 1),
        "alice",
      ),
    ).toBeUndefined();
  });
});
