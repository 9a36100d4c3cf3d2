import type { DevicePlan } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import { z } from "zod";
import { defaultMinor, Leaf, parseClasses, type QueueKind, quantumOf, queueFor, ratesOf } from "../../shared/htb.ts";

/** The classes of one interface: what leaves it, in all and by device. Keys are minor numbers, hexadecimal. */
export const Tree = z.strictObject({ rate: z.number(), classes: z.record(z.string(), Leaf) });
export type Tree = z.infer<typeof Tree>;

/** HTB class of one device on one side of the router. */
export function classOf(device: DevicePlan, way: "down" | "up", line: number, queueKind: QueueKind): Leaf {
  const { rate, ceil } = ratesOf(device, way, line);
  return {
    rate,
    ceil,
    prio: trafficClasses.indexOf(device.class),
    quantum: quantumOf(device),
    queue: queueFor(queueKind, ceil, device.latencyTarget),
  };
}

/** Reads `tc -d class show` and `tc -j qdisc show` of one interface; null when its root is not ours. */
export function parseTree(classes: string, qdiscs: string): Tree | null {
  const found = parseClasses(classes, qdiscs);
  if (found === null) return null;
  const ours = [...found].filter(([minor]) => minor !== "1" && minor !== defaultMinor);
  return {
    rate: found.get("1")?.ceil ?? 0,
    classes: Object.fromEntries(ours.map(([minor, { parent: _, ...leaf }]) => [minor, leaf])),
  };
}
