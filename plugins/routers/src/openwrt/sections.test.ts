import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference, idOf, describe as inWords, type OwnSection, type Value } from "./sections.ts";

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom("1", "wan", "lan"),
  fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
);
const name = fc.constantFrom(
  "np_block__tv__wan",
  "np_app__tv__zoom__wan",
  "np_allow__tv__zoom__wan",
  "np_strict__tv__wan",
  "np_mark__tv",
  "np_strict__pc__wan",
  "np_allow__pc__x__wan",
);
const section: fc.Arbitrary<OwnSection> = fc.record({
  config: fc.constant("firewall" as const),
  name,
  type: fc.constantFrom("rule", "rule", "rule", "ipset"),
  options: fc.dictionary(fc.constantFrom("src", "dest", "src_mac", "target"), value),
});
const sections = fc.uniqueArray(section, { selector: idOf, maxLength: 7 });

/** What rpcd makes of the operations. */
function carryOut(current: readonly OwnSection[], wanted: readonly OwnSection[]): OwnSection[] {
  let held = current.map((s) => ({ ...s, options: { ...s.options } }));
  for (const operation of difference(wanted, current).operations) {
    const at = held.findIndex((s) => idOf(s) === idOf(operation.section));
    if (operation.action === "delete") {
      expect(at, "delete of a missing section").toBeGreaterThanOrEqual(0);
      held = held.filter((_, i) => i !== at);
    } else if (operation.action === "add") {
      expect(at, "add of an existing section would merge").toBe(-1);
      held.push({ ...operation.section, options: { ...operation.section.options } });
    } else {
      for (const [option, to] of Object.entries(operation.values)) {
        if (to === "") delete held[at]!.options[option];
        else held[at]!.options[option] = to;
      }
    }
  }
  return held;
}

const ordered = (all: readonly OwnSection[], device: string) =>
  all.filter((s) => /^np_(block|app|allow|strict)__/.test(s.name) && s.name.split("__")[1] === device).map((s) => s.name);
const run = { seed: 20260105, numRuns: 500 };

describe("the difference between two sets of sections", () => {
  it("brings the router to exactly what is wanted", () => {
    fc.assert(
      fc.property(sections, sections, (current, wanted) => {
        const result = carryOut(current, wanted);
        expect(result.map((s) => `${idOf(s)} ${inWords(s)}`).sort()).toEqual(wanted.map((s) => `${idOf(s)} ${inWords(s)}`).sort());
      }),
      run,
    );
  });

  it("puts the rules of a device in the wanted order", () => {
    fc.assert(
      fc.property(sections, sections, (current, wanted) => {
        const result = carryOut(current, wanted);
        for (const device of ["tv", "pc"]) expect(ordered(result, device)).toEqual(ordered(wanted, device));
      }),
      run,
    );
  });

  it("is empty for what is there already, and never a change to itself", () => {
    fc.assert(
      fc.property(sections, sections, (current, wanted) => {
        expect(difference(wanted, carryOut(current, wanted))).toEqual({ operations: [], changes: [] });
        for (const change of difference(wanted, current).changes) expect(change.before).not.toBe(change.after);
      }),
      run,
    );
  });
});
