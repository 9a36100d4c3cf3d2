import { TrafficClass } from "@network-personas/personas";
import { z } from "zod";
import { Said } from "./said.ts";

/** How well a router can do one field of a plan. */
export const Support = z.enum(["lowered", "substituted", "impossible"]);
export type Support = z.infer<typeof Support>;

/** The fields of a NetworkPlan that a router may or may not be able to do. Rows of every driver's support.yaml. */
export const planFields = [
  "line.shaper",
  "device.class",
  "device.guarantee",
  "device.ceiling",
  "device.weight",
  "device.latencyTarget",
  "device.blocked",
  "device.blockedApplications",
  "device.allowedApplications",
  "device.firewall",
  "device.inboundClosed",
  "device.isolated",
  "device.tunnel",
  "device.malwareFilter",
  "device.familyFilter",
] as const;
export const PlanField = z.enum(planFields);
export type PlanField = z.infer<typeof PlanField>;

/** What a router can do, as data. */
export const Capabilities = z.strictObject({
  fields: z.record(PlanField, Support),
  /** Traffic classes the router can tell apart, most urgent first; others are lowered to the next one it has. */
  classes: z.array(TrafficClass),
  /** Of a device in a class that goes first only what must not wait does, not its transfers: the class needs no ceiling for them. */
  urgentApart: z.boolean().optional(),
  /** Flow queueing with host fairness runs on the router, so sparse traffic needs no help. */
  flowQueueing: z.boolean(),
  /** Who undoes an unconfirmed change: the router itself, or only we. */
  rollback: z.enum(["router", "engine"]),
  /** Restrictions nobody ordered himself expire on the router a quarter of an hour after they were last renewed. */
  leases: z.boolean(),
  /** Established flows can be cut when a block says so. */
  cutsEstablished: z.boolean(),
  /** Single connections can be seen, this often; absent when they cannot. */
  flows: z.strictObject({ everyMs: z.number().int().positive() }).optional(),
  counters: z.strictObject({ perDevice: z.boolean(), everyMs: z.number().int().positive() }).nullable(),
  /** Usual time from request to effect. */
  applyMs: z.number().int().positive(),
  /** Least time between two writes. */
  minApplyIntervalMs: z.number().int().nonnegative(),
  /** VPN tunnels that exist on the router, by name. */
  tunnels: z.array(z.string()),
  notes: z.array(z.string()).meta({ description: "What is good to know about it beside this." }),
  notesSaid: z.array(Said).default([]).meta({ description: "`notes` as sentences, in the same order." }),
});
export type Capabilities = z.infer<typeof Capabilities>;

/** Something the plan wants and this router cannot do, and what is done instead. */
export const Omission = z.strictObject({
  field: PlanField,
  device: z.string().nullable(),
  wanted: z.string(),
  instead: z.string().meta({ description: 'What happens instead; "" when nothing.' }),
  why: z.string(),
  said: z.strictObject({ wanted: Said, instead: Said, why: Said }).optional(),
});
export type Omission = z.infer<typeof Omission>;
