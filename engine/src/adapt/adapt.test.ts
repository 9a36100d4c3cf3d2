import { describe, expect, it } from "vitest";
import type { Signal } from "../model/index.ts";
import { labelsFrom, outcomeOf } from "./index.ts";

const at = (time: string) => `2026-11-22T${time}:00.000Z`;
const base = { subject: "alice", confidence: 1 };
const activity = (from: string, to: string, persona: string, source = "traffic"): Signal => ({
  kind: "activity",
  ...base,
  source,
  persona,
  weight: 1,
  id: from + source,
  at: at(from),
  expiresAt: at(to),
});
const override = (from: string, to: string, persona: string | null): Signal => ({
  kind: "override",
  ...base,
  source: "homekit",
  persona,
  id: from,
  at: at(from),
  expiresAt: at(to),
});

describe("labelsFrom", () => {
  it("joins repeats, and ends at expiry or at a contradiction", () => {
    const labels = labelsFrom(
      [activity("10:00", "10:10", "gamer"), activity("10:05", "10:15", "gamer"), activity("10:12", "10:22", "everyday")],
      at("11:00"),
    );
    expect(labels.map(({ persona, from, to }) => [persona, from, to])).toEqual([
      ["gamer", at("10:00"), at("10:12")],
      ["everyday", at("10:12"), at("10:22")],
    ]);
  });
  it("never reaches past the moment it is asked for", () => {
    expect(labelsFrom([activity("10:00", "10:10", "gamer")], at("10:04"))[0]!.to).toBe(at("10:04"));
    expect(labelsFrom([activity("10:00", "10:10", "gamer")], at("09:00"))).toEqual([]);
  });
  it("counts an override less than what was observed, and ends it when it is cleared", () => {
    expect(labelsFrom([override("10:00", "14:00", "gamer"), override("10:30", "14:30", null)], at("12:00"))).toEqual([
      { subject: "alice", persona: "gamer", from: at("10:00"), to: at("10:30"), weight: 0.5, source: "homekit" },
    ]);
  });
  it("learns nothing from presence or third parties' evidence", () => {
    const rest: Signal[] = [
      { kind: "presence", ...base, source: "router", present: true, id: "p", at: at("10:00"), expiresAt: at("12:00") },
      { kind: "evidence", ...base, source: "app", logOdds: { gamer: 5 }, why: "", id: "e", at: at("10:00"), expiresAt: at("12:00") },
    ];
    expect(labelsFrom(rest, at("12:00"))).toEqual([]);
  });
});

describe("outcomeOf", () => {
  const window = { subject: "alice", at: at("10:00"), horizon: 15 * 60_000 };
  const label = (from: string, to: string, persona: string, weight = 1) => ({
    subject: "alice",
    persona,
    from: at(from),
    to: at(to),
    weight,
    source: "t",
  });
  it("is the persona with the most labelled time", () => {
    expect(outcomeOf(window, [label("09:00", "10:05", "gamer"), label("10:05", "10:15", "everyday")])).toEqual({
      persona: "everyday",
      weight: 1,
    });
  });
  it("is unknown when less than half of the window is labelled, or only others are", () => {
    expect(outcomeOf(window, [label("10:00", "10:07", "gamer")])).toBeNull();
    expect(outcomeOf(window, [{ ...label("10:00", "10:15", "gamer"), subject: "bob" }])).toBeNull();
  });
});
