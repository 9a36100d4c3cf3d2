import { trafficClasses } from "@network-personas/personas";
import { noted } from "../driver/index.ts";
import { type Capabilities, type PlanField, planFields, sentence } from "../model/index.ts";

/** What is planned for while no router has said what it can do: everything. */
export const idealCapabilities: Capabilities = {
  fields: Object.fromEntries(planFields.map((field) => [field, "lowered"])) as Record<PlanField, "lowered">,
  classes: [...trafficClasses],
  flowQueueing: false,
  rollback: "engine",
  leases: false,
  cutsEstablished: true,
  counters: null,
  applyMs: 1000,
  minApplyIntervalMs: 0,
  tunnels: [],
  ...noted([sentence("noRouterAnswered")]),
};
