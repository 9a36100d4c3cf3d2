import { describe, expect, it } from "vitest";
import { BadInput, type BlendedProfile } from "../model/index.ts";
import type { ComposeInput } from "./contract.ts";
import { at, constraint, homeOf, needing, run } from "./homes.fixtures.ts";

describe("bad input is refused by the field", () => {
  const wan = (down: number, up: number) => ({ home: { ...homeOf(), wan: { id: "wan", down, up } } });
  const negative = needing("ann", {});
  negative.profile.qos.demands = {
    streaming: { applications: [], need: { down: [5, -1], up: [] }, want: { down: undefined, up: undefined } },
  };
  it.each([
    ["a line of zero", [], wan(0, 1), "home.wan.down"],
    ["a line that is no number", [], wan(10, Number.NaN), "home.wan.up"],
    ["a negative need", [negative], {}, "profiles[0].profile.qos.demands.streaming.need.down[1]"],
    ["somebody unknown", [needing("nobody", {})], {}, "profiles[0].subject"],
    ["two profiles for one", [needing("ann", {}), needing("ann", {})], {}, "profiles[1].subject"],
    [
      "a floor above another's cap",
      [],
      { constraints: [constraint({ cap: { up: 100 } }), constraint({ source: "other", floor: { up: 200 } })] },
      "constraints[1].floor.up",
    ],
    ["a floor above its own cap", [], { constraints: [constraint({ floor: { down: 2 }, cap: { down: 1 } })] }, "constraints[0].floor.down"],
    ["a negative cap", [], { constraints: [{ ...constraint({}), cap: { down: -1 } }] }, "constraints[0].cap.down"],
  ] as const)("%s", (_, profiles, more, field) => {
    let error: unknown;
    try {
      run(profiles as readonly BlendedProfile[], more as Partial<ComposeInput>);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(BadInput);
    expect((error as BadInput).field).toBe(field);
  });
  it("but not a contradiction that has expired, or between different subjects", () => {
    const expired = [
      constraint({ floor: { down: 2_000 }, expiresAt: at(-1) }),
      constraint({ cap: { down: 1_000 } }),
      constraint({ subject: "ben", floor: { down: 2_000 } }),
    ];
    expect(() => run([], { constraints: expired })).not.toThrow();
  });
});
