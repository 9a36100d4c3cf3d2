import { Application, type Demands, NetworkProfile, type NetworkProfileInput, trafficClasses } from "@network-personas/personas";
import { type BlendedProfile, Capabilities, Constraint, type DevicePlan, Home, planFields } from "../model/index.ts";
import { compose } from "./compose.ts";
import type { ComposeInput, ComposeResult } from "./contract.ts";

export const applications = new Map(
  ["zoom", "tiktok", "steam"].map((id) => [id, Application.parse({ id, name: id, class: "default" })] as const),
);
export const capabilities = Capabilities.parse({
  fields: Object.fromEntries(planFields.map((field) => [field, "lowered"])),
  classes: [...trafficClasses],
  flowQueueing: false,
  rollback: "router",
  leases: true,
  cutsEstablished: true,
  counters: null,
  applyMs: 100,
  minApplyIntervalMs: 0,
  tunnels: ["wg0"],
  notes: [],
});
export const homeOf = (more: object = {}) =>
  Home.parse({
    version: 1,
    home: { timeZone: "UTC" },
    wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
    people: [
      { id: "ann", devices: ["ann-laptop", "ann-phone"] },
      { id: "ben", devices: ["ben-console"] },
    ],
    devices: [
      { id: "ann-laptop", kind: "laptop" },
      { id: "ann-phone", kind: "phone" },
      { id: "ben-console", kind: "console" },
      { id: "tv", kind: "tv" },
      { id: "router", infrastructure: true },
    ],
    ...more,
  });
export const at = (minutes: number): string => new Date(Date.UTC(2026, 10, 22, 18, minutes)).toISOString();

/** A profile given by hand. */
export const given = (subject: string, profile: NetworkProfileInput, more: Partial<BlendedProfile> = {}): BlendedProfile => ({
  subject,
  profile: NetworkProfile.parse(profile),
  distribution: {},
  deviceKinds: [],
  overridden: false,
  explanation: [],
  ...more,
});
export const needing = (subject: string, demands: Demands | object, deviceKinds: string[] = [], qos: object = {}) =>
  given(subject, { qos: { demands: demands as Demands, ...qos } }, { deviceKinds });
export const call = { interactive: { need: { down: ["3 Mbit/s", "1.2 Mbit/s"], up: ["3 Mbit/s", "1.2 Mbit/s"] } } };
export const game = { realtime: { need: { down: ["250 kbit/s"], up: ["150 kbit/s"] } } };
export const film = { streaming: { need: { down: ["25 Mbit/s", "16 Mbit/s", "8 Mbit/s"], up: ["200 kbit/s"] } } };

export function inputOf(profiles: readonly BlendedProfile[], more: Partial<ComposeInput> = {}): ComposeInput {
  const home = more.home ?? homeOf();
  return {
    at: at(0),
    home,
    applications,
    profiles,
    present: new Set(home.devices.map((device) => device.id)),
    previous: null,
    constraints: [],
    capabilities,
    urgent: new Set(),
    ...more,
  };
}
export const run = (profiles: readonly BlendedProfile[], more: Partial<ComposeInput> = {}) => compose(inputOf(profiles, more));
export const planOf = ({ plan }: ComposeResult, id: string): DevicePlan => plan.devices.find((device) => device.device === id)!;
export const constraint = (more: object): Constraint => ({
  ...Constraint.parse({ subject: "ann", source: "flow", ...more }),
  id: JSON.stringify(more),
});
