import { evening, inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";

const tv = neutralDevice("tv", [sampleMacs.tv], { ...inClass("realtime"), blocked: true });

/** Two plans that differ in everything routers do for a device. */
export const plans = {
  old: samplePlan([laptop({ ...inClass("realtime"), ceiling: { down: 20_000, up: 5_000 } }), ...evening().devices.slice(1)]),
  new: samplePlan([...workAndPlay().devices.map((device) => ({ ...device, blocked: device.device === "alice-laptop" })), tv]),
};
export type PlanName = keyof typeof plans;
