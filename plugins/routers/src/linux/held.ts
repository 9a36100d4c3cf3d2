import { z } from "zod";
import { Leaf } from "../shared/htb.ts";

/** HTB knows no class without a rate, kbit/s. */
export const leastRate = 1;

/** HTB classes of one device on one side of the router: what it may have in all, kbit/s, and its two queues in that. */
export const ClassSpec = z.strictObject({
  /** What one of its queues leaves of this is the other's before it is everybody's. */
  rate: z.number().default(leastRate),
  ceil: z.number(),
  /** What must not wait behind the device's own transfers: UDP that is no QUIC. */
  urgent: Leaf,
  rest: Leaf,
});
export type ClassSpec = z.infer<typeof ClassSpec>;

/** The classes of one interface: what leaves it, in all and by device. Keys are minor numbers, hexadecimal. */
export const Tree = z.strictObject({ rate: z.number(), classes: z.record(z.string(), ClassSpec) });
export type Tree = z.infer<typeof Tree>;

/** Everything of ours on a Linux router; null where nothing is. Elements of sets and maps are sorted. */
export const Held = z.strictObject({
  sets: z.record(z.string(), z.array(z.string())).nullable(),
  isolated: z.array(z.string()).nullable(),
  down: Tree.nullable(),
  up: Tree.nullable(),
  /** Ways out through tunnels. */
  ways: z.array(z.string()),
  /** What answers names. */
  names: z.array(z.string()),
});
export type Held = z.infer<typeof Held>;
export const nothing: Held = { sets: null, isolated: null, down: null, up: null, ways: [], names: [] };

/** Minor numbers of a device's two queues. */
export const urgentOf = (minor: string): string => (0x4000 + Number.parseInt(minor, 16)).toString(16);
export const restOf = (minor: string): string => (0x8000 + Number.parseInt(minor, 16)).toString(16);
