export { type DeviceMemory, isRandomised, type PresenceMemory, presenceFrom } from "./presence.ts";
