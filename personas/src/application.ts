import { z } from "zod";
import { Id } from "./quantities.ts";
import { TrafficClass } from "./traffic-class.ts";

/** Destination ports of one transport, single ("443") or a range ("50000-50100"). */
export const PortSet = z.strictObject({
  protocol: z.enum(["tcp", "udp"]),
  ports: z.array(z.string().regex(/^\d{1,5}(-\d{1,5})?$/, 'expected a port or a range such as "3478-3481"')).min(1),
});
export type PortSet = z.infer<typeof PortSet>;

/** One entry of the application catalogue: how an application is recognised on the wire. */
export const Application = z.strictObject({
  id: Id,
  name: z.string().min(1).max(60),
  class: TrafficClass,
  domains: z.array(z.string().regex(/^(\*\.)?[a-z0-9.-]+$/, 'expected a domain such as "*.zoom.us"')).default([]),
  ports: z.array(PortSet).default([]),
});
export type Application = z.infer<typeof Application>;
