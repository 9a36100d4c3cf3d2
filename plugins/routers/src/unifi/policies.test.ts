import { verbatim } from "@network-personas/engine/model";
import { expect, it } from "vitest";
import { changesOf, covers, type Found, ownedOf, readPolicies, steps } from "./policies.ts";

const found = (id: string, name: string, body: Record<string, unknown> = {}): Found => ({ id, name, body, raw: { ...body, id } });

it("covers what is wanted, whatever the console adds and however it orders lists", () => {
  expect(covers({ a: 1, b: { c: [2, 1], d: 3 } }, { a: 1, b: { c: [1, 2] } })).toBe(true);
  expect(covers({ a: [1, 2, 3] }, { a: [1, 2] })).toBe(false);
  expect(covers({ a: [1, 1] }, { a: [1, 2] })).toBe(false);
  expect(covers({ a: null }, { a: { b: 1 } })).toBe(false);
  expect(covers({}, { a: false })).toBe(false);
});

it("knows its own by the name, and reads nothing into what has no id", () => {
  const list = [{ id: "1", name: "np: tv", qos: 1, more: 2 }, { id: "2", name: "np-lookalike" }, { name: "np: predefined" }, null, "x"];
  expect(ownedOf(readPolicies(list, "objects"))).toEqual([{ name: "np: tv", body: { name: "np: tv", qos: 1 } }]);
  expect(readPolicies({ not: "a list" }, "objects")).toEqual([]);
});

it("changes only what differs, and nothing that is not ours", () => {
  const held = [found("1", "np: a", { x: 1 }), found("2", "np: b", { x: 1 }), found("3", "np: c"), found("4", "mine", { x: 9 })];
  const wanted = [
    { name: "np: a", body: { x: 1 } },
    { name: "np: b", body: { x: 2 } },
    { name: "np: d", body: { x: 3 } },
  ];
  expect(steps(wanted, held).map((step) => [step.action, step.action === "create" ? step.policy.name : step.found.id])).toEqual([
    ["update", "2"],
    ["create", "np: d"],
    ["delete", "3"],
  ]);
});

it("leaves one of two with the same name", () => {
  const twins = [found("1", "np: a", { x: 1 }), found("2", "np: a", { x: 1 })];
  expect(steps([{ name: "np: a", body: { x: 1 } }], twins)).toEqual([{ action: "delete", found: twins[1] }]);
  expect(steps([], twins).map((step) => step.action)).toEqual(["delete", "delete"]);
});

it("says so when the words do not tell the difference", () => {
  const [change] = changesOf([{ name: "np: a", body: { x: 1 } }], [{ name: "np: a", body: { x: 2 } }], () => verbatim("limited"));
  expect(change).toMatchObject({ action: "set", before: "limited, changed by somebody", after: "limited" });
});
