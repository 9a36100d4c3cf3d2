import { z } from "zod";

/** Traffic classes, most urgent first. The order is the order of admission. */
export const trafficClasses = ["realtime", "interactive", "streaming", "default", "bulk"] as const;
export const TrafficClass = z.enum(trafficClasses).meta({ description: "How urgent the traffic is." });
export type TrafficClass = z.infer<typeof TrafficClass>;

/**
 * What each class means on the wire: per-hop behaviour (RFC 4594, RFC 8622) with its code point, the share of
 * a direction that what is promised to the class may take together (floors, which everybody has whatever the class, apart),
 * and the share one of its devices may use at most, so that a mislabelled flow starves nobody.
 */
export const classTable: Record<TrafficClass, { phb: string; dscp: number; guaranteeCap: number; ceiling: number }> = {
  realtime: { phb: "EF", dscp: 46, guaranteeCap: 0.35, ceiling: 0.35 },
  interactive: { phb: "AF41", dscp: 34, guaranteeCap: 0.55, ceiling: 0.6 },
  streaming: { phb: "AF31", dscp: 26, guaranteeCap: 0.7, ceiling: 1 },
  default: { phb: "DF", dscp: 0, guaranteeCap: 0.7, ceiling: 1 },
  bulk: { phb: "LE", dscp: 1, guaranteeCap: 0.6, ceiling: 1 },
};
