import { baseProfile, Persona, type PersonaSet, profileFields } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { BadInput, type Distribution } from "../model/index.ts";
import { blend } from "./blend.ts";
import type { BlendInput } from "./contract.ts";

const gamer = {
  id: "gamer",
  name: "Gamer",
  deviceKinds: ["console"],
  profile: { qos: { demands: { realtime: { need: { down: [250], up: [150] } } }, weight: 2, latencyTarget: 15, utility: 1 } },
};
const worker = {
  id: "worker",
  name: "Worker",
  deviceKinds: ["laptop"],
  profile: {
    qos: { demands: { interactive: { need: { down: [3000, 1200], up: [3000, 1200] } } }, weight: 3, utility: 1.2 },
    security: { inboundClosed: true },
    vpn: { tunnel: "office" },
  },
};
const personas: PersonaSet = new Map(
  [{ id: "everyday", name: "Everyday", appliesTo: "any" }, gamer, worker]
    .map((persona) => Persona.parse(persona))
    .map((persona) => [persona.id, persona] as const),
);
const mix = (distribution: Distribution, more: Partial<BlendInput> = {}) =>
  blend({ subject: "alice", distribution, personas, confidenceFloor: 0.4, overridden: false, atStart: false, ...more });
const fieldOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof BadInput) return error.field;
    throw error;
  }
  return "accepted";
};

describe("blend", () => {
  it("of one certain persona is that persona", () => {
    for (const [id, persona] of personas) expect(mix({ [id]: 1 }, { atStart: true }).profile).toEqual(persona.profile);
  });

  it("leaves the base layer while no activity is likely enough; protection follows suspicion", () => {
    const { profile, claims } = mix({ everyday: 0.4, gamer: 0.31, worker: 0.29 });
    expect(profile).toEqual({ ...baseProfile, security: { ...baseProfile.security, inboundClosed: true } });
    expect(claims).toEqual([]);
    expect(mix({ everyday: 0.6, gamer: 0.4 }).claims).toHaveLength(1);
  });

  it("takes an override for certain, whatever the rest says", () => {
    const result = mix({ worker: 0.6, gamer: 0.4 }, { overridden: true });
    expect(result.profile).toEqual(personas.get("worker")!.profile);
    expect(result).toMatchObject({ distribution: { worker: 1 }, overridden: true, deviceKinds: ["laptop"] });
  });

  it("protects as without what other applications say, and never less than with it", () => {
    const inboundClosed = (distribution: Distribution, more: Partial<BlendInput>) => mix(distribution, more).profile.security.inboundClosed;
    const spokenAgainst = { everyday: 0.99, worker: 0.01 };
    expect(inboundClosed(spokenAgainst, {})).toBe(false);
    expect(inboundClosed(spokenAgainst, { unswayed: { everyday: 0.5, worker: 0.5 } })).toBe(true);
    expect(inboundClosed({ everyday: 0.5, worker: 0.5 }, { unswayed: spokenAgainst })).toBe(true);
    // Nor is anything claimed for what is only suspected, and an owner's order stands above it.
    expect(mix(spokenAgainst, { unswayed: { everyday: 0.5, worker: 0.5 } }).claims).toEqual([]);
    expect(inboundClosed({ gamer: 1 }, { unswayed: { worker: 1 }, overridden: true })).toBe(false);
  });

  it("explains every field with the rule it declares and the personas it came from", () => {
    const { explanation } = mix({ gamer: 0.5, worker: 0.5 });
    expect(explanation.map(({ path, rule }) => [path, rule])).toEqual(profileFields.map(({ path, rule }) => [path, rule]));
    expect(explanation.find((entry) => entry.path === "qos.weight")).toEqual({
      path: "qos.weight",
      rule: "geometric",
      value: "2.45",
      from: [
        { persona: "gamer", probability: 0.5, value: "2" },
        { persona: "worker", probability: 0.5, value: "3" },
      ],
    });
    expect(explanation.find((entry) => entry.path === "qos.demands")?.value).toBe(
      "realtime 250 kbit/s down, 150 kbit/s up; interactive 3 Mbit/s or 1.2 Mbit/s down, 3 Mbit/s or 1.2 Mbit/s up",
    );
    expect(explanation.find((entry) => entry.path === "security.inboundClosed")?.from).toEqual([
      { persona: "worker", probability: 0.5, value: "true" },
    ]);
  });

  it("keeps claims persona by persona, insured by probability", () => {
    expect(mix({ gamer: 0.7, worker: 0.3 }).claims).toMatchObject([
      { persona: "gamer", class: "realtime", insured: 1, kinds: ["console"], utility: 0.7 },
      { persona: "worker", class: "interactive", insured: 0.6, kinds: ["laptop"], utility: 0.36 },
    ]);
  });

  it("stands still while probabilities move by less than a quantum, but not for another persona file", () => {
    const before = mix({ gamer: 0.5, everyday: 0.5 });
    expect(mix({ gamer: 0.508, everyday: 0.492 }, { previous: before })).toEqual(before);
    expect(mix({ gamer: 0.52, everyday: 0.48 }, { previous: before }).distribution).toEqual({ gamer: 0.52, everyday: 0.48 });
    const edited = new Map(personas).set("gamer", {
      ...personas.get("gamer")!,
      profile: { ...baseProfile, qos: { ...baseProfile.qos, weight: 8 } },
    });
    expect(mix({ gamer: 0.508, everyday: 0.492 }, { previous: before, personas: edited }).profile.qos.weight).toBeCloseTo(8 ** 0.5, 9);
  });

  it("does not bring a tunnel in the middle of an activity, and does not take it away either", () => {
    expect(mix({ worker: 0.95, everyday: 0.05 }).profile.vpn.tunnel).toBeNull();
    const started = mix({ worker: 0.95, everyday: 0.05 }, { atStart: true });
    expect(started.profile.vpn.tunnel).toBe("office");
    expect(mix({ worker: 0.3, gamer: 0.7 }, { previous: started }).profile.vpn.tunnel).toBe("office");
    expect(mix({ gamer: 1 }, { previous: started }).profile.vpn.tunnel).toBeNull();
  });

  it.each([
    ["an unknown persona", { pirate: 1 }, "distribution.pirate"],
    ["a negative probability", { gamer: -0.5, everyday: 1.5 }, "distribution.gamer"],
    ["a probability that is no number", { gamer: Number.NaN, everyday: 1 }, "distribution.gamer"],
    ["too little", { gamer: 0.5 }, "distribution"],
    ["too much", { gamer: 0.6, everyday: 0.6 }, "distribution"],
    ["nothing at all", {}, "distribution"],
  ])("refuses %s by name", (_, distribution, field) => {
    expect(fieldOf(() => mix(distribution as unknown as Distribution))).toBe(field);
  });
  it("refuses a confidence floor that is none", () => {
    expect(fieldOf(() => mix({ gamer: 1 }, { confidenceFloor: 2 }))).toBe("confidenceFloor");
  });
});
