import { classTable, type Demand, firewallLevels, Id, type NetworkProfile, TrafficClass } from "@network-personas/personas";
import { z } from "zod";
import { DeviceId, Instant, MacAddress } from "./ids.ts";
import { Said } from "./said.ts";

const kbps = z.number().int().nonnegative().meta({ unit: "kbit/s" });
const both = <T extends z.ZodType>(part: T) => z.strictObject({ down: part, up: part });

/** What one device gets. Keyed by its MAC set, so that it holds for IPv4, IPv6 and a device not yet seen. */
export const DevicePlan = z.strictObject({
  device: DeviceId,
  macs: z.array(MacAddress),
  class: TrafficClass,
  dscp: z.number().int().min(0).max(63),
  guarantee: both(kbps).meta({ description: "Rate the device has even when everybody wants everything." }),
  ceiling: both(kbps.nullable()).meta({ description: "Hard limit; null is none." }),
  weight: z.number().positive().meta({ description: "Share of the surplus; 1 is normal." }),
  latencyTarget: z.number().int().positive().meta({ unit: "ms" }),
  blocked: z.boolean().meta({ description: "No internet at all." }),
  cutEstablished: z.boolean().meta({ description: "A block also ends running connections (only an owner's own order does)." }),
  blockedApplications: z.array(Id),
  allowedApplications: z.array(Id),
  firewall: z.enum(firewallLevels),
  inboundClosed: z.boolean(),
  isolated: z.boolean(),
  tunnel: Id.nullable(),
  malwareFilter: z.boolean(),
  familyFilter: z.boolean(),
  leased: z.array(z.string()).optional().meta({
    description:
      "Restrictions nobody ordered himself, which a router that can lets run out when the engine does not renew them: names of fields, and blockedApplications.ID.",
  }),
});
export type DevicePlan = z.infer<typeof DevicePlan>;

/** A device nobody asked anything for: what the base layer gives. */
export function neutralDevice(device: string, macs: readonly string[], wishes: Partial<DevicePlan> = {}): DevicePlan {
  return {
    device,
    macs: [...macs],
    class: "default",
    dscp: classTable[wishes.class ?? "default"].dscp,
    guarantee: { down: 0, up: 0 },
    ceiling: { down: null, up: null },
    weight: 1,
    latencyTarget: 60,
    blocked: false,
    cutEstablished: false,
    blockedApplications: [],
    allowedApplications: [],
    firewall: "open",
    inboundClosed: false,
    isolated: false,
    tunnel: null,
    malwareFilter: false,
    familyFilter: false,
    ...wishes,
  };
}

/** The shaper of one line, slightly below what it really carries. */
export const LinePlan = z.strictObject({ wan: Id, shaper: both(kbps.positive()) });
export type LinePlan = z.infer<typeof LinePlan>;

/** Why one number of a plan is what it is. */
export const PlanReason = z.strictObject({
  device: DeviceId.nullable(),
  field: z.string(),
  value: z.string(),
  rule: z.string(),
  because: z.string().meta({ description: "A sentence a person understands." }),
  said: Said.optional(),
  from: z.array(z.strictObject({ persona: z.string(), probability: z.number(), value: z.string() })),
});
export type PlanReason = z.infer<typeof PlanReason>;

/** A need that did not fit, in words. */
export const Refusal = z.strictObject({
  subject: z.string(),
  device: DeviceId.nullable(),
  what: z.string(),
  because: z.string(),
  said: z.strictObject({ what: Said, because: Said }).optional(),
});
export type Refusal = z.infer<typeof Refusal>;

/** Vendor-neutral desired state of the whole home: deterministic, quantised, explained. */
export const NetworkPlan = z.strictObject({
  version: z.literal(1),
  home: z.string(),
  at: Instant,
  lines: z.array(LinePlan).min(1),
  devices: z.array(DevicePlan).meta({ description: "Sorted by device id." }),
});
export type NetworkPlan = z.infer<typeof NetworkPlan>;

/** How one field of a blended profile came about. */
export interface FieldExplanation {
  path: string;
  rule: string;
  value: string;
  from: readonly { persona: string; probability: number; value: string }[];
}

/** What one likely persona asks of one traffic class, before composition decides on which device and how much of it fits. */
export interface Claim {
  persona: string;
  probability: number;
  class: TrafficClass;
  /** The persona's own ladders in kbit/s, not scaled. */
  need: Demand["need"];
  /** Share of the need worth reserving at this probability, 0 to 1. */
  insured: number;
  /** The claim is about all traffic of the device, not about single applications. */
  wholeDevice: boolean;
  weight: number;
  latencyTarget: number;
  /** Expected utility: probability times what satisfying the need is worth. */
  utility: number;
  /** Kinds of device it happens on, preferred first; empty means any. */
  kinds: readonly string[];
}

/** A subject's blended profile with its causes. */
export interface BlendedProfile {
  subject: string;
  profile: NetworkProfile;
  /** The distribution it was blended from. */
  distribution: Readonly<Record<string, number>>;
  /** Kinds of device its needs are charged to, preferred first. */
  deviceKinds: readonly string[];
  /** True when an override, not a prediction, decided. */
  overridden: boolean;
  explanation: readonly FieldExplanation[];
  /** The demands persona by persona. Absent (a profile given by hand): the profile's demands are charged as they stand. */
  claims?: readonly Claim[];
}

/** The same plan apart from the instant it was made. */
export function samePlan(a: NetworkPlan, b: NetworkPlan): boolean {
  return JSON.stringify({ ...a, at: "" }) === JSON.stringify({ ...b, at: "" });
}
