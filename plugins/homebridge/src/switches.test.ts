import type { SubjectState } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import type { AccessorySpec } from "./accessory-spec.ts";
import { expected, isOn, ordersOf } from "./switches.ts";

const now = Date.parse("2026-11-22T18:00:00.000Z");
const moment = { now, soon: 30 * 60_000 };
const person = (subject: string, more: Partial<SubjectState> = {}): SubjectState => ({
  subject,
  name: subject,
  appliesTo: "person",
  home: true,
  active: "everyday",
  decidedBy: "prediction",
  until: null,
  distribution: { everyday: 1 },
  evidence: [],
  next: null,
  ...more,
});
const forced = (subject: string, active: string, more: Partial<SubjectState> = {}) =>
  person(subject, { active, decidedBy: "override", ...more });

const automatic = (subject: string | null): AccessorySpec => ({ kind: "automatic", subject });
const gamer = (subject: string | null): AccessorySpec => ({ kind: "persona", subject, persona: "gamer" });

describe("one person's switches", () => {
  const states = {
    predicted: person("alice", { active: "gamer" }),
    forced: forced("alice", "gamer"),
    other: forced("alice", "remote-worker"),
    proposed: person("alice", { active: "gamer", decidedBy: "proposal" }),
  };
  const force = [{ kind: "force", subject: "alice", persona: "gamer" }];
  const release = [{ kind: "release", subject: "alice" }];
  const hold = [{ kind: "hold", subject: "alice", persona: "gamer" }];
  it.each([
    // state, persona reads, on orders, off orders; automatic reads, on orders, off orders
    ["predicted", false, force, [], true, [], hold],
    ["forced", true, force, release, false, release, []],
    ["other", false, force, [], false, release, []],
    ["proposed", false, force, [], true, [], hold],
  ] as const)("when the persona is %s", (name, personaOn, on, off, automaticOn, automaticOnOrders, automaticOffOrders) => {
    const people = [states[name]];
    expect(isOn(gamer("alice"), people, moment)).toBe(personaOn);
    expect(ordersOf(gamer("alice"), true, people)).toEqual(on);
    expect(ordersOf(gamer("alice"), false, people)).toEqual(off);
    expect(isOn(automatic("alice"), people, moment)).toBe(automaticOn);
    expect(ordersOf(automatic("alice"), true, people)).toEqual(automaticOnOrders);
    expect(ordersOf(automatic("alice"), false, people)).toEqual(automaticOffOrders);
  });
  it("are one radio group: after any order exactly the ordered one is on", () => {
    for (const before of Object.values(states)) {
      for (const order of [...ordersOf(gamer("alice"), true, [before]), ...ordersOf(automatic("alice"), true, [before])]) {
        const after = [expected(before, order)];
        const on = [automatic("alice"), gamer("alice"), { kind: "persona" as const, subject: "alice", persona: "remote-worker" }].filter(
          (s) => isOn(s, after, moment),
        );
        expect(on).toEqual([order.kind === "force" ? gamer("alice") : automatic("alice")]);
      }
    }
  });
  it("know nothing about somebody the engine does not know", () => {
    for (const spec of [automatic("carol"), gamer("carol")]) {
      expect(isOn(spec, [states.forced], moment)).toBeUndefined();
      expect(ordersOf(spec, true, [states.forced])).toEqual([]);
      expect(ordersOf(spec, false, [states.forced])).toEqual([]);
    }
  });
});

describe("the switches of the home", () => {
  const subjects = (spec: AccessorySpec, on: boolean, people: SubjectState[]) =>
    ordersOf(spec, on, people).map((o) => `${o.kind} ${o.subject}`);
  it.each([
    // people, gamer reads, on, off
    ["nobody is forced", [person("alice"), person("bob")], false, ["force alice", "force bob"], []],
    ["one of two is", [forced("alice", "gamer"), person("bob")], false, ["force alice", "force bob"], []],
    ["both are", [forced("alice", "gamer"), forced("bob", "gamer")], true, ["force alice", "force bob"], ["release alice", "release bob"]],
    ["the one at home is", [forced("alice", "gamer"), person("bob", { home: false })], true, ["force alice"], ["release alice"]],
    [
      "both are, and one left",
      [forced("alice", "gamer"), forced("bob", "gamer", { home: false })],
      true,
      ["force alice"],
      ["release alice", "release bob"],
    ],
    ["only who left is", [person("alice"), forced("bob", "gamer", { home: false })], false, ["force alice"], []],
    ["nobody is at home", [person("alice", { home: false })], false, [], []],
    ["presence is unknown", [person("alice", { home: null })], false, ["force alice"], []],
    ["nobody lives there", [], false, [], []],
  ] as const)("when %s", (_, people, on, whenOn, whenOff) => {
    expect(isOn(gamer(null), people, moment)).toBe(on);
    expect(subjects(gamer(null), true, [...people])).toEqual(whenOn);
    expect(subjects(gamer(null), false, [...people])).toEqual(whenOff);
  });
  it.each([
    ["all is automatic", [person("alice"), person("bob", { home: false })], true, [], ["hold alice", "hold bob"]],
    ["one is forced", [forced("alice", "gamer"), person("bob")], false, ["release alice"], ["hold bob"]],
    ["all are forced", [forced("alice", "gamer"), forced("bob", "everyday")], false, ["release alice", "release bob"], []],
  ] as const)("Automatic when %s", (_, people, on, whenOn, whenOff) => {
    expect(isOn(automatic(null), people, moment)).toBe(on);
    expect(subjects(automatic(null), true, [...people])).toEqual(whenOn);
    expect(subjects(automatic(null), false, [...people])).toEqual(whenOff);
  });
});

describe("who is at home", () => {
  const spec: AccessorySpec = { kind: "presence", subject: "alice" };
  it.each([
    [true, true],
    [false, false],
    [null, false],
  ])("reads %s as %s, and tells what is said", (home, on) => {
    const people = [person("alice", { home })];
    expect(isOn(spec, people, moment)).toBe(on);
    expect(ordersOf(spec, true, people)).toEqual([{ kind: "place", subject: "alice", home: true }]);
    expect(ordersOf(spec, false, people)).toEqual([{ kind: "place", subject: "alice", home: false }]);
  });
});

describe("sensors", () => {
  const active: AccessorySpec = { kind: "active", subject: "alice", persona: "gamer" };
  const likely: AccessorySpec = { kind: "likely", subject: "alice", persona: "gamer" };
  const next = (minutes: number, persona = "gamer", probability = 0.8) => ({
    next: { persona, probability, at: new Date(now + minutes * 60_000).toISOString(), why: "" },
  });
  it.each([
    ["nothing", {}, false, false],
    ["active, predicted", { active: "gamer", distribution: { gamer: 1 } }, true, false],
    ["forced", { active: "gamer", decidedBy: "override" }, true, false],
    ["in half an hour", next(30), false, true],
    ["in 31 minutes", next(31), false, false],
    ["something else next", next(5, "remote-worker"), false, false],
    ["perhaps next", next(5, "gamer", 0.29), false, false],
    ["one in three already", { distribution: { everyday: 0.67, gamer: 0.33 } }, false, true],
  ] as [string, Partial<SubjectState>, boolean, boolean][])("%s", (_, more, isActive, isLikely) => {
    const people = [person("alice", more)];
    expect([isOn(active, people, moment), isOn(likely, people, moment)]).toEqual([isActive, isLikely]);
    expect(ordersOf(active, true, people)).toEqual([]);
  });
});
