import type { DevicePlan, NetworkPlan } from "@network-personas/engine/model";
import { evening, inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";

const tv = neutralDevice("tv", [sampleMacs.tv], { ...inClass("realtime"), blocked: true });

/** Two plans that differ in everything routers do for a device. */
export const plans = {
  old: samplePlan([laptop({ ...inClass("realtime"), ceiling: { down: 20_000, up: 5_000 } }), ...evening().devices.slice(1)]),
  new: samplePlan([...workAndPlay().devices.map((device) => ({ ...device, blocked: device.device === "alice-laptop" })), tv]),
};
export type PlanName = keyof typeof plans;
export type Plans = Record<PlanName, NetworkPlan>;

const forAWhile = {
  firewall: "strict",
  familyFilter: true,
  isolated: true,
  leased: ["familyFilter", "firewall", "isolated"],
} satisfies Partial<DevicePlan>;

/** The same, one of them with restrictions that run out: what these hang on comes or goes with the change. */
export const plansWith = (leased: PlanName | undefined): Plans =>
  leased === undefined
    ? plans
    : {
        ...plans,
        [leased]: {
          ...plans[leased],
          devices: plans[leased].devices.map((device) => (device.device === "bob-console" ? { ...device, ...forAWhile } : device)),
        },
      };
