import {
  type BlendRule,
  baseProfile,
  blendRules,
  type Demands,
  Persona,
  type PersonaInput,
  profileFields,
} from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { rules } from "./index.ts";
import { fieldValue, type RuleInput, type Share } from "./rule.ts";

/** Mixes one field over personas that differ in it only. */
function mix(
  path: string,
  wanted: readonly [p: number, value: unknown, also?: PersonaInput["profile"]][],
  options: Partial<RuleInput> & { floor?: number } = {},
) {
  const field = profileFields.find((candidate) => candidate.path === path)!;
  const shares: Share[] = wanted.map(([p, value, also], i) => {
    const own = { [field.section]: { [field.name]: value } };
    const profile = {
      ...also,
      ...own,
      ...(also && field.section in also ? { [field.section]: { ...also[field.section], [field.name]: value } } : {}),
    };
    return { p, persona: Persona.parse({ id: `persona-${i}`, name: `Persona ${i}`, profile }) };
  });
  const acting = Math.max(...shares.map((share) => share.p)) >= (options.floor ?? 0) ? shares : [];
  const { value, from } = rules[field.rule]({
    field,
    shares,
    suspects: shares,
    acting,
    base: fieldValue(baseProfile, field),
    previous: undefined,
    overridden: false,
    atStart: false,
    ...options,
  });
  return { value, from: from.map((share) => share.persona.id) };
}

it("implements every rule a field can declare", () => {
  expect(Object.keys(rules).sort()).toEqual([...blendRules].sort());
  const declared: BlendRule[] = profileFields.map((field) => field.rule);
  expect(new Set(declared)).toEqual(new Set(blendRules));
});

describe("average", () => {
  it.each([
    ["one certain persona", [[1, 0.7]], 0.7],
    [
      "two halves",
      [
        [0.5, 1],
        [0.5, 0.5],
      ],
      0.75,
    ],
    [
      "weighted",
      [
        [0.9, 1],
        [0.1, 0],
      ],
      0.9,
    ],
  ] as const)("%s", (_, wanted, expected) => {
    expect(mix("qos.utility", wanted as never).value).toBeCloseTo(expected, 12);
  });
  it("leaves the base layer below the confidence floor", () => {
    expect(
      mix(
        "qos.utility",
        [
          [0.3, 1],
          [0.3, 1],
        ],
        { floor: 0.4 },
      ),
    ).toEqual({ value: 0.1, from: [] });
  });
});

describe("geometric", () => {
  it.each([
    ["one certain persona, exactly", [[1, 3]], 3],
    [
      "half four, half one",
      [
        [0.5, 4],
        [0.5, 1],
      ],
      2,
    ],
    [
      "twice and half cancel out",
      [
        [0.5, 2],
        [0.5, 0.5],
      ],
      1,
    ],
    [
      "weighted",
      [
        [0.25, 16 / 2],
        [0.75, 1],
      ],
      8 ** 0.25,
    ],
  ] as const)("%s", (_, wanted, expected) => {
    expect(mix("qos.weight", wanted as never).value).toBeCloseTo(expected, 12);
  });
  it("leaves the base layer below the confidence floor", () => {
    expect(
      mix(
        "qos.latencyTarget",
        [
          [0.39, 10],
          [0.3, 10],
        ],
        { floor: 0.4 },
      ).value,
    ).toBe(60);
  });
});

describe("ceiling", () => {
  it.each([
    ["certain", [[1, 0.25]], 0.25],
    [
      "confident: linear, towards no limit",
      [
        [0.8, 0.5],
        [0.2, 1],
      ],
      0.6,
    ],
    [
      "just confident",
      [
        [0.6, 0.5],
        [0.4, 1],
      ],
      0.7,
    ],
    [
      "not confident: no limit",
      [
        [0.59, 0.1],
        [0.41, 1],
      ],
      1,
    ],
    [
      "two doubtful limits do not add up",
      [
        [0.5, 0.1],
        [0.5, 0.1],
      ],
      1,
    ],
  ] as const)("%s", (_, wanted, expected) => {
    expect(mix("bandwidth.ceilingDown", wanted as never).value).toBeCloseTo(expected, 12);
  });
});

describe("protective", () => {
  it.each([
    ["what is in force stays while some doubt is left", 0.06, true, true],
    ["and goes with it", 0.04, true, false],
    ["the same doubt brings nothing into force", 0.06, false, false],
  ] as const)("%s", (_, p, previous, expected) => {
    const wanted = [
      [p, true],
      [1 - p, false],
    ] as const;
    expect(mix("security.inboundClosed", wanted as never, { previous }).value).toBe(expected);
  });
  it("a doubt keeps no more than was in force", () => {
    const wanted = [
      [0.94, "open"],
      [0.06, "strict"],
    ] as const;
    expect(mix("security.firewall", wanted as never, { previous: "standard" }).value).toBe("open");
    expect(mix("security.firewall", wanted as never, { previous: "strict" }).value).toBe("strict");
  });
  it.each([
    [
      "suspected",
      [
        [0.1, true],
        [0.9, false],
      ],
      true,
    ],
    [
      "not even suspected",
      [
        [0.09, true],
        [0.91, false],
      ],
      false,
    ],
    [
      "below the confidence floor all the same",
      [
        [0.2, true],
        [0.2, false],
      ],
      true,
    ],
  ] as const)("inbound closed: %s", (_, wanted, expected) => {
    expect(mix("security.inboundClosed", wanted as never, { floor: 0.4 }).value).toBe(expected);
  });
  it.each([
    [
      "the strictest wins",
      [
        [0.8, "standard"],
        [0.2, "strict"],
      ],
      "strict",
      ["persona-1"],
    ],
    [
      "unless nobody suspects it",
      [
        [0.95, "standard"],
        [0.05, "strict"],
      ],
      "standard",
      ["persona-0"],
    ],
    ["open needs nobody", [[1, "open"]], "open", []],
  ] as const)("firewall: %s", (_, wanted, value, from) => {
    expect(mix("security.firewall", wanted as never)).toEqual({ value, from });
  });
});

describe("permission", () => {
  it.each([
    [
      "a confident persona permits",
      [
        [0.6, ["zoom"]],
        [0.4, ["steam"]],
      ],
      ["zoom"],
    ],
    [
      "a doubtful one does not",
      [
        [0.5, ["zoom"]],
        [0.5, ["steam"]],
      ],
      [],
    ],
  ] as const)("%s", (_, wanted, expected) => {
    expect(mix("applications.allowed", wanted as never).value).toEqual(expected);
  });
  it("a suspected persona that closes the firewall brings the exceptions it needs", () => {
    const closing = { security: { firewall: "strict" as const } };
    expect(
      mix("applications.allowed", [
        [0.8, ["zoom"]],
        [0.2, ["mqtt"], closing],
      ]).value,
    ).toEqual(["zoom", "mqtt"]);
    expect(
      mix("applications.allowed", [
        [0.95, []],
        [0.05, ["mqtt"], closing],
      ]).value,
    ).toEqual([]);
  });
  it("exceptions stay as long as a doubt keeps the firewall closed that they are from", () => {
    const doubted = (previous: readonly string[]) =>
      mix(
        "applications.allowed",
        [
          [0.94, []],
          [0.06, ["mqtt"], { security: { firewall: "strict" as const } }],
        ],
        { previous },
      ).value;
    expect(doubted(["mqtt"])).toEqual(["mqtt"]);
    expect(doubted([])).toEqual([]);
  });
});

describe("interrupting", () => {
  const blocking = (p: number, options: Partial<RuleInput>) =>
    mix(
      "applications.blocked",
      [
        [p, ["tiktok"]],
        [1 - p, []],
      ],
      options,
    ).value;
  it.each([
    ["an override, at any time", 1, { overridden: true }, ["tiktok"]],
    ["certain at the start", 0.9, { atStart: true }, ["tiktok"]],
    ["nearly certain at the start is not enough", 0.89, { atStart: true }, []],
    ["certain, but in the middle of something else", 0.99, { atStart: false }, []],
    ["in the middle what is in force stays", 0.5, { previous: ["tiktok"] }, ["tiktok"]],
    ["even when it has become unlikely", 0.1, { previous: ["tiktok"] }, ["tiktok"]],
    ["until nothing that asked for it is plausible", 0.05, { previous: ["tiktok"] }, []],
    ["what nobody asks for any more goes", 0.5, { previous: ["tiktok", "instagram"] }, ["tiktok"]],
  ] as const)("%s", (_, p, options, expected) => {
    expect(blocking(p, options as never)).toEqual(expected);
  });
  it("a tunnel is a choice: the override's, else the one in force while plausible", () => {
    const tunnel = (p: number, options: Partial<RuleInput>) =>
      mix(
        "vpn.tunnel",
        [
          [p, "office"],
          [1 - p, null],
        ],
        options,
      ).value;
    expect(tunnel(1, { overridden: true, previous: "home" })).toBe("office");
    expect(tunnel(0.6, { previous: "office" })).toBe("office");
    expect(tunnel(0.6, { previous: "home" })).toBe(null);
    expect(tunnel(0.6, {})).toBe(null);
  });
  it("an override that does not ask for a restriction ends it", () => {
    expect(mix("dns.familyFilter", [[1, false]], { overridden: true, previous: true })).toEqual({ value: false, from: [] });
  });
});

describe("demands", () => {
  const demand = (trafficClass: string, down: number[], more: object = {}) => ({ [trafficClass]: { need: { down }, ...more } });
  const blended = (...wanted: [number, object][]) => mix("qos.demands", wanted).value as Demands;

  it.each([
    ["realtime counts from 0.1", "realtime", 0.1, true],
    ["and not below", "realtime", 0.09, false],
    ["interactive from 0.1", "interactive", 0.1, true],
    ["streaming from 0.3", "streaming", 0.3, true],
    ["and not below", "streaming", 0.29, false],
    ["bulk from 0.3", "bulk", 0.29, false],
    ["default from 0.1", "default", 0.1, true],
  ] as const)("%s (%s at %d: %s)", (_, trafficClass, p, counts) => {
    expect(trafficClass in blended([p, demand(trafficClass, [100])], [1 - p, {}])).toBe(counts);
  });
  it.each([
    [0.25, [500, 250]],
    [0.5, [1000, 500]],
    [0.9, [1000, 500]],
  ])("a need is insured, not averaged: at %d", (p, expected) => {
    expect(blended([p, demand("interactive", [1000, 500])], [1 - p, {}]).interactive!.need.down).toEqual(expected);
  });
  it("needs of one class are not summed: the largest counts, rung by rung", () => {
    expect(blended([0.5, demand("streaming", [25, 16, 8, 5])], [0.5, demand("streaming", [10, 4])]).streaming!.need.down).toEqual([
      25, 16, 8, 5,
    ]);
    expect(blended([0.5, demand("streaming", [25, 5])], [0.5, demand("streaming", [10])]).streaming!.need.down).toEqual([25, 10]);
    expect(blended([0.7, demand("streaming", [10])], [0.3, demand("streaming", [25, 5])]).streaming!.need.down).toEqual([15, 10]);
  });
  it("wants are the largest; no limit is larger than any", () => {
    const want = (down: number) => ({ want: { down, up: 10 } });
    expect(blended([0.5, demand("default", [], want(5))], [0.5, demand("default", [], want(9))]).default!.want).toEqual({
      down: 9,
      up: 10,
    });
    expect(blended([0.5, demand("default", [], want(5))], [0.5, demand("default", [])]).default!.want.down).toBeUndefined();
  });
  it("is about the whole device when one of them is", () => {
    const apps = (list: string[]) => ({ applications: list });
    expect(
      blended([0.5, demand("realtime", [1], apps(["voip"]))], [0.5, demand("realtime", [1], apps(["steam"]))]).realtime!.applications,
    ).toEqual(["voip", "steam"]);
    expect(blended([0.5, demand("realtime", [1], apps(["voip"]))], [0.5, demand("realtime", [1])]).realtime!.applications).toEqual([]);
  });
  it("asks for nothing below the confidence floor", () => {
    expect(mix("qos.demands", [[0.3, demand("realtime", [1])]], { floor: 0.4 })).toEqual({ value: {}, from: [] });
  });
});
