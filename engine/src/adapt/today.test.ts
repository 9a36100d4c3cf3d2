import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Label, later } from "../model/index.ts";
import { againstReality, correctionOf } from "./today.ts";

const start = "2026-11-28T00:00:00.000Z";
const quarter = 15 * 60_000;
const at = (minutes: number) => later(start, minutes * 60_000);
const said = (minutes: number, gamer: number) => ({
  subject: "ann",
  at: at(minutes),
  horizon: quarter,
  distribution: { gamer, everyday: 1 - gamer },
});
const was = (from: number, to: number, persona: string): Label => ({
  subject: "ann",
  persona,
  from: at(from),
  to: at(to),
  weight: 1,
  source: "test",
});

describe("againstReality", () => {
  it("tells stretches of what was expected and what went on, and what share was right", () => {
    const day = againstReality(
      "ann",
      [said(0, 0.9), said(15, 0.8), said(30, 0.6), said(45, 0.3)],
      [was(0, 45, "gamer"), was(45, 60, "gamer")],
    );
    expect(day).toEqual({
      subject: "ann",
      known: 60,
      right: 0.75,
      stretches: [
        { from: at(0), to: at(45), expected: "gamer", really: "gamer", probability: expect.closeTo((0.9 + 0.8 + 0.6) / 3, 9) },
        { from: at(45), to: at(60), expected: "everyday", really: "gamer", probability: 0.3 },
      ],
    });
  });
  it("leaves out time of which nobody knows what went on, and does not join what it parts", () => {
    const day = againstReality("ann", [said(0, 0.9), said(15, 0.9), said(30, 0.9)], [was(0, 15, "gamer"), was(30, 45, "gamer")]);
    expect(day.known).toBe(30);
    expect(day.stretches.map(({ from, to }) => [from, to])).toEqual([
      [at(0), at(15)],
      [at(30), at(45)],
    ]);
    expect(againstReality("ann", [said(0, 0.9)], [])).toEqual({ subject: "ann", known: 0, right: null, stretches: [] });
  });
  it("holds each prediction until the next: made twice within a quarter, as by a restart, none counts twice", () => {
    expect(againstReality("ann", [said(0, 0.9), said(5, 0.2)], [was(0, 20, "gamer")])).toMatchObject({ known: 20, right: 0.25 });
  });
  it("never counts more time than there was, nor stretches out of order", () => {
    const minutes = fc.integer({ min: 0, max: 600 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(minutes, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 30 }),
        fc.array(fc.tuple(minutes, fc.integer({ min: 1, max: 120 }), fc.constantFrom("gamer", "everyday", "other")), { maxLength: 10 }),
        (predictions, labels) => {
          const { known, right, stretches } = againstReality(
            "ann",
            predictions.toSorted(([a], [b]) => a - b).map(([m, p]) => said(m, p)),
            labels.map(([m, length, persona]) => was(m, m + length, persona)),
          );
          expect(known).toBeLessThanOrEqual(615);
          if (right !== null) expect(right >= 0 && right <= 1).toBe(true);
          for (const [i, s] of stretches.entries()) {
            expect(s.from < s.to && s.probability >= 0 && s.probability <= 1).toBe(true);
            if (i > 0) expect(stretches[i - 1]!.to <= s.from).toBe(true);
          }
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe("correctionOf", () => {
  const inForce = (active: string, decidedBy = "prediction") => ({
    active,
    decidedBy,
    profile: { distribution: { gamer: 0.7, streaming: 0.2 } },
  });
  const seen = {
    subject: "ann",
    activity: { persona: "streaming", source: "router:main/traffic", at: at(1), expiresAt: at(3), weight: 0.5 },
    evidence: [{ source: "router:main", logOdds: { streaming: 2 }, why: "streaming on tv" }],
  };
  it("is when what is in force followed what is seen, and tells how unlikely that was held to be", () => {
    expect(correctionOf(inForce("gamer"), inForce("streaming"), seen, at(2))).toEqual({
      subject: "ann",
      at: at(2),
      since: at(1),
      expected: "gamer",
      really: "streaming",
      probability: 0.2,
      source: "router:main/traffic",
      why: "streaming on tv",
    });
  });
  it("says who told where nothing is seen, or that nothing is", () => {
    const by = (source: string, persona = "streaming") =>
      correctionOf(inForce("gamer"), inForce(persona), { ...seen, activity: { ...seen.activity, source, persona }, evidence: [] }, at(2));
    expect(by("router:main/traffic", "everyday")).toMatchObject({
      why: "nothing that matters is seen any more",
      said: { key: "seenNothing" },
    });
    expect(by("router:main/traffic")).toMatchObject({ why: "told by router:main" });
    expect(by("home-assistant", "everyday")).toMatchObject({ why: "told by home-assistant", said: { key: "toldBy" } });
  });
  it("is not what was expected, what nobody saw, or what somebody ordered", () => {
    expect(correctionOf(inForce("streaming"), inForce("streaming"), seen, at(2))).toBeUndefined();
    expect(correctionOf(undefined, inForce("streaming"), seen, at(2))).toBeUndefined();
    expect(correctionOf(inForce("gamer"), inForce("editor"), seen, at(2))).toBeUndefined();
    expect(correctionOf(inForce("gamer"), inForce("streaming"), { ...seen, activity: undefined as never }, at(2))).toBeUndefined();
    expect(correctionOf(inForce("gamer", "override"), inForce("streaming"), seen, at(2))).toBeUndefined();
    expect(correctionOf(inForce("gamer"), inForce("streaming", "override"), seen, at(2))).toBeUndefined();
  });
});
