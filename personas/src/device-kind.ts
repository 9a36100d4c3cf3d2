import { z } from "zod";

/** What a device is. Personas name the kinds they happen on. */
export const deviceKinds = [
  "laptop",
  "desktop",
  "phone",
  "tablet",
  "console",
  "tv",
  "streamer",
  "speaker",
  "camera",
  "printer",
  "sensor",
  "appliance",
  "server",
  "other",
] as const;
export const DeviceKind = z.enum(deviceKinds).meta({ description: "What the device is." });
export type DeviceKind = z.infer<typeof DeviceKind>;
