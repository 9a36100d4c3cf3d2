import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { blend } from "@network-personas/engine/blend";
import { type ComposeResult, compose, describeDevice, describeOmission, describeRefusal } from "@network-personas/engine/compose";
import { Capabilities, Constraint, Distribution, Home, planFields, subjectsOf } from "@network-personas/engine/model";
import { everyday, formatRate, trafficClasses } from "@network-personas/personas";
import { loadPersonas, parseYaml } from "@network-personas/personas/load";
import { z } from "zod";

const folder = join(import.meta.dirname, "households");

/** A household, what its people are likely doing, and the plan a person who knows traffic would expect. */
export const HouseholdCase = z.strictObject({
  why: z.string(),
  wan: z.strictObject({ down: z.string(), up: z.string() }),
  people: z.record(z.string(), z.array(z.string())).default({}).meta({ description: "Devices by person." }),
  devices: z.record(z.string(), z.string()).meta({ description: "Kind by device." }),
  infrastructure: z.array(z.string()).default([]),
  policy: z.record(z.string(), z.unknown()).default({}),
  likely: z
    .record(z.string(), z.record(z.string(), z.number()))
    .default({})
    .meta({ description: "Probabilities by subject; the rest is everyday's." }),
  ordered: z.array(z.string()).default([]).meta({ description: "Subjects whose likeliest persona the owner ordered." }),
  absent: z.array(z.string()).default([]),
  constraints: z.array(Constraint).default([]),
  router: Capabilities.partial().default({}).meta({ description: "What it does differently from a router that can do everything." }),
  cannot: z.array(z.enum(planFields)).default([]),
  expect: z.strictObject({
    line: z.string(),
    devices: z.record(z.string(), z.string()),
    refused: z.array(z.string()).default([]),
    omitted: z.array(z.string()).default([]),
  }),
});
export type HouseholdCase = z.infer<typeof HouseholdCase>;

export const householdFiles: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .sort();
export const readHousehold = (file: string): HouseholdCase => parseYaml(readFileSync(join(folder, file), "utf8"), HouseholdCase, file);

const { personas, applications } = await loadPersonas();

/** Blends and composes a household from nothing. */
export function planOf(given: HouseholdCase): ComposeResult {
  const home = Home.parse({
    version: 1,
    home: { timeZone: "Europe/Berlin" },
    wan: given.wan,
    people: Object.entries(given.people).map(([id, devices]) => ({ id, devices })),
    devices: Object.entries(given.devices).map(([id, kind]) => ({ id, kind, infrastructure: given.infrastructure.includes(id) })),
    policy: given.policy,
  });
  const capabilities = Capabilities.parse({
    fields: Object.fromEntries(planFields.map((field) => [field, given.cannot.includes(field) ? "impossible" : "lowered"])),
    classes: [...trafficClasses],
    flowQueueing: false,
    rollback: "router",
    leases: true,
    cutsEstablished: true,
    counters: null,
    applyMs: 500,
    minApplyIntervalMs: 0,
    tunnels: [],
    notes: [],
    ...given.router,
  });
  const profiles = subjectsOf(home).map(({ id }) => {
    const likely = given.likely[id] ?? {};
    const rest = 1 - Object.values(likely).reduce((sum, p) => sum + p, 0);
    const distribution = Distribution.parse(rest > 1e-9 ? { ...likely, [everyday]: rest } : likely);
    return blend({
      subject: id,
      distribution,
      personas,
      confidenceFloor: home.policy.confidenceFloor,
      overridden: given.ordered.includes(id),
      atStart: true,
    });
  });
  const present = new Set(home.devices.map((device) => device.id).filter((id) => !given.absent.includes(id)));
  const constraints = given.constraints.map((constraint, i) => ({ ...constraint, id: `c${i}` }));
  return compose({
    at: "2026-11-22T18:00:00.000Z",
    home,
    applications,
    profiles,
    present,
    previous: null,
    constraints,
    capabilities,
    urgent: new Set(),
  });
}

/** A plan as compactly as the golden files state it. */
export function summary({ plan, refusals, omissions }: ComposeResult): HouseholdCase["expect"] {
  const { shaper } = plan.lines[0]!;
  return {
    line: `${formatRate(shaper.down)} down, ${formatRate(shaper.up)} up`,
    devices: Object.fromEntries(
      plan.devices.map((device) => [device.device, describeDevice(device, [])[0]!.slice(device.device.length + 2)]),
    ),
    refused: refusals.map(describeRefusal),
    omitted: omissions.map(describeOmission),
  };
}
