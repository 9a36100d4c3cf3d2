import { z } from "zod";

/**
 * What a device may be seen doing on the wire. `game`, `cloud-game` and `call` are realtime: packets that are late are lost.
 */
export const trafficKinds = ["game", "cloud-game", "call", "streaming", "download", "upload", "background"] as const;
export const TrafficKind = z.enum(trafficKinds).meta({ description: "What the traffic of a device looks like." });
export type TrafficKind = z.infer<typeof TrafficKind>;
