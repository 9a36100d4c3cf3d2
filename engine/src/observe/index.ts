export { type DeviceActivity, nothingSeen, observeTraffic, type TrafficMemory } from "./activity.ts";
export { type DeviceMemory, isRandomised, type PresenceMemory, presenceFrom } from "./presence.ts";
