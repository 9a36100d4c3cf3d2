import type { SubjectState } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { due, instantIn, type Memory, remember, saidAction, standingAction } from "./standing.ts";

const now = Date.parse("2026-11-22T18:00:00.000Z");
const day = 24 * 3_600_000;
const person = (more: Partial<SubjectState>) =>
  ({ subject: "alice", home: true, active: "gamer", decidedBy: "override", ...more }) as SubjectState;

it.each([
  ["fresh", 6.5, {}, "keep"],
  ["a day old", 5.9, {}, "renew"],
  ["nearly over", 0.01, {}, "renew"],
  ["replaced by another persona", 5, { active: "remote-worker" }, "forget"],
  ["replaced by the same persona for another time", 5, { until: instantIn(now, day) }, "forget"],
  ["ended by the owner", 5, { decidedBy: "prediction" as const, until: null }, "forget"],
])("an order that stands and is %s", (_, days, more, action) => {
  const until = instantIn(now, days * day);
  expect(standingAction({ persona: "gamer", until }, person({ until, ...more }), now)).toBe(action);
});
it("forgets orders about somebody who is gone", () => {
  expect(standingAction({ persona: "gamer", until: instantIn(now, day) }, undefined, now)).toBe("forget");
  expect(saidAction({ home: true, at: instantIn(now, 0) }, undefined, now)).toBe("forget");
});

it.each([
  ["confirmed lately", true, 1, true, "keep"],
  ["confirmed long ago", true, 13, true, "repeat"],
  ["no longer believed by the engine", true, 13, null, "repeat"],
  ["contradicted", true, 1, false, "forget"],
  ["contradicted by a phone that came back", false, 1, true, "forget"],
  ["away and still away", false, 13, false, "repeat"],
])("what HomeKit said, %s", (_, said, hours, home, action) => {
  expect(saidAction({ home: said, at: instantIn(now, -hours * 3_600_000) }, person({ home }), now)).toBe(action);
});

describe("the memory of a switch", () => {
  const nothing: Memory = { standing: {}, said: null };
  const until = instantIn(now, 7 * day);
  const hold = (subject: string) => ({ kind: "hold", subject, persona: "gamer" }) as const;
  const held = ["alice", "bob"].reduce((memory, subject) => remember(memory, hold(subject), until, true, now), nothing);

  it("keeps what stands until it is switched off, and forgets it with the switch", () => {
    expect(held.standing).toEqual({ alice: { persona: "gamer", until }, bob: { persona: "gamer", until } });
    expect(remember(held, { kind: "release", subject: "alice" }, null, true, now).standing).toEqual({ bob: { persona: "gamer", until } });
    const forAWhile = remember(held, { kind: "force", subject: "alice", persona: "gamer" }, until, false, now);
    expect(Object.keys(forAWhile.standing)).toEqual(["bob"]);
  });
  it("renews by the day and drops what others ended", () => {
    const people = [person({ until }), person({ subject: "bob", decidedBy: "prediction", until: null })];
    expect(due(held, null, people, now)).toEqual({ orders: [], memory: { standing: { alice: { persona: "gamer", until } }, said: null } });
    expect(due(held, null, people, now + 1.1 * day).orders).toEqual([hold("alice")]);
  });
  it("repeats where HomeKit said somebody is", () => {
    const memory = remember(nothing, { kind: "place", subject: "alice", home: true }, null, false, now);
    expect(due(memory, "alice", [person({})], now + 3_600_000)).toEqual({ orders: [], memory });
    expect(due(memory, "alice", [person({})], now + day / 2).orders).toEqual([{ kind: "place", subject: "alice", home: true }]);
    expect(due(memory, "alice", [person({ home: false })], now)).toEqual({ orders: [], memory: nothing });
  });
});
