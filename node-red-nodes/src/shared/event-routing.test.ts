import type { EngineEvent, EngineState, SubjectState } from "@network-personas/engine/model";
import { EngineEvent as Events } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { activeOf, eventTypes, missed, outputOf, passes } from "./event-routing.ts";
import { directory } from "./fixtures/directory.ts";

const at = "2026-11-22T18:00:00.000Z";
const subject = (id: string, active: string): SubjectState => ({
  subject: id,
  name: id,
  appliesTo: "person",
  home: true,
  active,
  decidedBy: "prediction",
  until: null,
  distribution: {},
  evidence: [],
  next: null,
});
const changed = (id: string, active: string): EngineEvent => ({ type: "subject", sequence: 1, at, data: subject(id, active) });
const presence = (device: string): EngineEvent => ({ type: "presence", sequence: 1, at, data: { device, present: true } });
const state = (...subjects: SubjectState[]) => ({ at, sequence: 4, subjects }) as unknown as EngineState;
const all = { types: new Set<string>(), subject: "", personaOnly: false };

describe("events", () => {
  it("has an output for every type the engine tells", () => {
    const types = Events.options.map((option) => option.shape.type.value);
    expect([...eventTypes].sort()).toEqual([...types].sort());
    expect(types.map(outputOf)).not.toContain(-1);
  });
  it("lets through only a change of persona when asked to", () => {
    const before = new Map([["alice", "gamer"]]);
    expect(passes(changed("alice", "gamer"), { ...all, personaOnly: true }, before, directory)).toBe(false);
    expect(passes(changed("alice", "gamer"), all, before, directory)).toBe(true);
    expect(passes(changed("alice", "everyday"), { ...all, personaOnly: true }, before, directory)).toBe(true);
  });
  it("filters by subject, where a device counts for its owner and the home for everybody", () => {
    const ofAlice = { ...all, subject: "alice" };
    expect(passes(changed("bob", "gamer"), ofAlice, new Map(), directory)).toBe(false);
    expect(passes(presence("alice-laptop"), ofAlice, new Map(), directory)).toBe(true);
    expect(passes(presence("tv"), ofAlice, new Map(), directory)).toBe(false);
    expect(passes({ type: "problem", sequence: 1, at, data: { message: "x" } }, ofAlice, new Map(), directory)).toBe(true);
  });
  it("filters by type", () => {
    expect(passes(presence("tv"), { ...all, types: new Set(["applied"]) }, new Map(), directory)).toBe(false);
    expect(passes(presence("tv"), { ...all, types: new Set(["applied", "presence"]) }, new Map(), directory)).toBe(true);
  });
  it("tells after a gap what really changed, and nothing at the first connection", () => {
    const now = state(subject("alice", "gamer"), subject("bob", "everyday"));
    expect(missed(undefined, now)).toEqual([]);
    expect(missed(activeOf(now), now)).toEqual([]);
    expect(
      missed(
        new Map([
          ["alice", "remote-worker"],
          ["bob", "everyday"],
        ]),
        now,
      ),
    ).toMatchObject([{ type: "subject", data: { subject: "alice", active: "gamer" } }]);
  });
});
