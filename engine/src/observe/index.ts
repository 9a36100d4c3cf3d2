export { type DeviceActivity, nothingSeen, observeTraffic, type SeenTraffic, type TrafficMemory } from "./activity.ts";
export { type Asked, mayBe } from "./dhcp-fingerprints.ts";
export { makerOf } from "./maker.ts";
export { type DeviceMemory, isRandomised, type PresenceMemory, presenceFrom } from "./presence.ts";
export { type PrivateMacs, privateMacsFrom, withPrivateMacs } from "./private-macs.ts";
export { type Throughput, throughputBetween } from "./throughput.ts";
