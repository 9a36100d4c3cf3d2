import { type BlendInput, blend } from "@network-personas/engine/blend";
import type { ComposeInput } from "@network-personas/engine/compose";
import {
  type BlendedProfile,
  Capabilities,
  type Constraint,
  type Distribution,
  Home,
  planFields,
  subjectsOf,
} from "@network-personas/engine/model";
import { deviceKinds, Persona, type PersonaSet, trafficClasses } from "@network-personas/personas";
import { loadPersonas } from "@network-personas/personas/load";
import fc from "fast-check";

const database = await loadPersonas();
export const { applications } = database;

/** Personas that use every field, as an owner might write them: nothing here is built in. */
const unusual = [
  {
    id: "night-backup",
    name: "Backup",
    appliesTo: "any",
    profile: {
      qos: { demands: { bulk: { need: { up: [8_000, 2_000] } } }, weight: 0.25, utility: 0.05 },
      bandwidth: { ceilingDown: 0.5, ceilingUp: 0.3 },
    },
  },
  {
    id: "homework",
    name: "Homework",
    profile: { applications: { allowed: ["https"], blocked: ["tiktok", "instagram"] }, dns: { familyFilter: true } },
  },
  {
    id: "private",
    name: "Private",
    deviceKinds: ["laptop", "phone"],
    profile: { vpn: { tunnel: "wg0" }, security: { firewall: "strict", inboundClosed: true } },
  },
  {
    id: "cloud-gamer",
    name: "Cloud gamer",
    deviceKinds: ["tv", "laptop"],
    profile: {
      qos: {
        demands: { realtime: { need: { down: [200], up: [300] } }, streaming: { need: { down: [40_000, 20_000, 10_000] } } },
        weight: 3,
        utility: 0.9,
        latencyTarget: 20,
      },
    },
  },
].map((persona) => Persona.parse(persona));
export const personas: PersonaSet = new Map([...database.personas, ...unusual.map((persona) => [persona.id, persona] as const)]);

export const fullCapabilities: Capabilities = Capabilities.parse({
  fields: Object.fromEntries(planFields.map((field) => [field, "lowered"])),
  classes: [...trafficClasses],
  flowQueueing: true,
  rollback: "router",
  leases: true,
  cutsEstablished: true,
  counters: null,
  applyMs: 500,
  minApplyIntervalMs: 0,
  tunnels: ["wg0"],
  notes: [],
});

/** A household with what is believed of it, before blending. */
export interface Scene {
  home: Home;
  distributions: ReadonlyMap<string, Distribution>;
  overridden: ReadonlySet<string>;
  present: ReadonlySet<string>;
  constraints: readonly Constraint[];
  capabilities: Capabilities;
}

export const start = "2026-11-22T18:00:00.000Z";
export const hours = (n: number): string => new Date(Date.parse(start) + n * 3_600_000).toISOString();

const blends = new WeakMap<Scene, BlendedProfile[]>();

export function blended(scene: Scene, options?: Partial<BlendInput>, distributions = scene.distributions): BlendedProfile[] {
  if (options) return blendAll(scene, options, distributions);
  if (!blends.has(scene)) blends.set(scene, blendAll(scene, {}, distributions));
  return blends.get(scene)!;
}

function blendAll(scene: Scene, options: Partial<BlendInput>, distributions: Scene["distributions"]): BlendedProfile[] {
  return [...distributions].map(([subject, distribution]) =>
    blend({
      subject,
      distribution,
      personas,
      confidenceFloor: scene.home.policy.confidenceFloor,
      overridden: scene.overridden.has(subject),
      atStart: true,
      ...options,
    }),
  );
}

export function composition(scene: Scene, profiles = blended(scene)): ComposeInput {
  const { home, present, constraints, capabilities } = scene;
  return { at: start, home, applications, profiles, present, previous: null, constraints, capabilities, urgent: new Set() };
}

/** A random choice that belongs to a scene, so that a failing run can be repeated. */
export interface Dice {
  /** 0 to 1. */
  roll(): number;
}
export const dice: fc.Arbitrary<Dice> = fc
  .infiniteStream(fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((n) => n / 1_000_000))
  .map((rolls) => ({ roll: () => rolls.next().value }));

/** Evenly over orders of magnitude. */
const logarithmic = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1_000 }).map((step) => Math.round(from * (to / from) ** (step / 1_000)));

/** Probabilities over some personas, the rest everyday's. */
export const distributionOver = (ids: readonly string[]): fc.Arbitrary<Distribution> =>
  fc
    .tuple(
      fc.shuffledSubarray([...ids], { maxLength: Math.min(4, ids.length) }),
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 20 }),
    )
    .map(([chosen, parts, everyday]) => {
      const weights = [
        ...chosen.filter((id) => id !== "everyday").map((id, i) => [id, parts[i]!] as const),
        ["everyday", everyday] as const,
      ];
      const total = weights.reduce((sum, [, part]) => sum + part, 0);
      if (total === 0) return { everyday: 1 };
      return Object.fromEntries(weights.map(([id, part]) => [id, part / total]));
    });

const rateOrNone = fc.option(logarithmic(1, 3_000_000), { nil: undefined });
const drop = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

const constraintFor = (subjects: readonly string[]): fc.Arbitrary<Constraint> =>
  fc
    .record({
      subject: fc.constantFrom(...subjects),
      source: fc.constantFrom("homekit", "flow", "stranger"),
      floor: fc.option(fc.record({ down: rateOrNone, up: rateOrNone }).map(drop), { nil: undefined }),
      cap: fc.option(fc.record({ down: rateOrNone, up: rateOrNone }).map(drop), { nil: undefined }),
      weight: fc.option(fc.double({ min: 0.125, max: 8, noNaN: true }), { nil: undefined }),
      blockApplications: fc.subarray(["tiktok", "netflix", "no-such-application"]),
      tighten: fc.subarray(["inboundClosed", "isolated", "malwareFilter", "familyFilter", "firewallStrict"] as const),
      id: fc.uuid(),
    })
    .map((constraint) => drop({ ...constraint, why: "" }) as Constraint);

const capabilitiesOf = fc.oneof(
  { weight: 3, arbitrary: fc.constant(fullCapabilities) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.array(fc.constantFrom("lowered", "substituted", "impossible"), { minLength: planFields.length, maxLength: planFields.length }),
        fc.subarray([...trafficClasses]),
        fc.boolean(),
      )
      .map(
        ([supports, classes, cutsEstablished]): Capabilities => ({
          ...fullCapabilities,
          fields: Object.fromEntries(planFields.map((field, i) => [field, supports[i]!])) as Capabilities["fields"],
          classes,
          cutsEstablished,
          tunnels: [],
        }),
      ),
  },
);

/** Random households: people, devices, lines from 1/0.2 to 2000/1000 Mbit/s, distributions, policy, third parties, routers. */
export const scenes: fc.Arbitrary<Scene> = fc
  .record({
    down: logarithmic(1_000, 2_000_000),
    up: logarithmic(200, 1_000_000),
    people: fc.integer({ min: 0, max: 6 }),
    devices: fc.array(
      fc.record({
        kind: fc.constantFrom(...deviceKinds),
        owner: fc.integer({ min: 0, max: 8 }),
        infrastructure: fc.integer({ min: 0, max: 9 }),
        present: fc.integer({ min: 0, max: 4 }),
      }),
      { minLength: 1, maxLength: 16 },
    ),
    marks: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ down, up, people, devices, marks }) => {
    const listed = devices.map(({ kind, infrastructure }, i) => ({ id: `d${i}`, kind, infrastructure: infrastructure === 0 }));
    const owned = (person: number) => devices.flatMap(({ owner }, i) => (owner === person ? [`d${i}`] : []));
    const marked = (mark: number) => (marks[mark]! < devices.length && marks[mark]! < 4 ? [`d${marks[mark]}`] : []);
    const home = Home.parse({
      version: 1,
      home: { timeZone: "Europe/Berlin" },
      wan: { down, up },
      people: Array.from({ length: people }, (_, i) => ({ id: `p${i}`, devices: owned(i) })),
      devices: listed,
      policy: {
        neverBlock: marked(0),
        blockedDevices: marked(1),
        blockedApplications: marked(2).map((device) => ({ device, applications: ["tiktok"] })),
      },
    });
    return { home, present: new Set(devices.flatMap(({ present }, i) => (present > 0 ? [`d${i}`] : []))) };
  })
  .chain(({ home, present }) => {
    const subjects = subjectsOf(home);
    const over = (appliesTo: "person" | "device") =>
      [...personas.values()]
        .filter((persona) => persona.appliesTo === appliesTo || persona.appliesTo === "any")
        .map((persona) => persona.id);
    return fc.record({
      home: fc.constant(home),
      present: fc.constant(present),
      distributions: fc
        .tuple(...subjects.map((subject) => distributionOver(over(subject.appliesTo))))
        .map((all) => new Map(subjects.map((subject, i) => [subject.id, all[i]!]))),
      overridden: fc
        .subarray(
          subjects.map((subject) => subject.id),
          { maxLength: Math.min(1, subjects.length) },
        )
        .map((ids) => new Set(ids)),
      constraints:
        subjects.length === 0 ? fc.constant([]) : fc.array(constraintFor(subjects.map((subject) => subject.id)), { maxLength: 3 }),
      capabilities: capabilitiesOf,
    });
  });
