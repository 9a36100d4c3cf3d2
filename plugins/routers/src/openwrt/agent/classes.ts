import type { DevicePlan } from "@network-personas/engine/model";
import { classTable, trafficClasses } from "@network-personas/personas";
import { z } from "zod";
import { macsOf } from "../../shared/wishes.ts";

/** HTB class of one device on one side of the router; rates in kbit/s. */
export const ClassSpec = z.strictObject({
  rate: z.number(),
  ceil: z.number(),
  prio: z.number(),
  quantum: z.number(),
  /** Of its queue: bytes of a plain one, else the target of fq_codel, ms. */
  queue: z.number(),
});
export type ClassSpec = z.infer<typeof ClassSpec>;

/** The classes of one interface: what leaves it, in all and by device. Keys are minor numbers, hexadecimal. */
export const Tree = z.strictObject({ rate: z.number(), classes: z.record(z.string(), ClassSpec) });
export type Tree = z.infer<typeof Tree>;

/** "NP": in the handles of our classes and the marks of our connections. */
export const major = "4e50";
export const markOf = (minor: string): string => `0x${major}${minor.padStart(4, "0")}`;
/** What nobody's class is for. */
export const defaultMinor = "fffe";
export const firstMinor = 0x10;

/** Values that packets are marked with. */
export const dscps: readonly number[] = [...new Set(Object.values(classTable).map(({ dscp }) => dscp))].filter((n) => n > 0).sort();

/** Queueing disciplines of single classes, best first. */
export const queueKinds = ["fq_codel", "bfifo"] as const;
export type QueueKind = (typeof queueKinds)[number];

/** Room for the delay a device wants at the rate it may have: a plain queue is as long as that, fq_codel aims at a part of it. */
export function queueFor(kind: QueueKind, ceil: number, latencyTarget: number): number {
  if (kind === "fq_codel") return Math.min(20, Math.max(5, Math.round(latencyTarget / 4)));
  return Math.max(6_000, Math.round((ceil * latencyTarget) / 8));
}
/** A device keeps the class its MAC addresses are in; others get the lowest that are free. `marks` are elements of the map of marks. */
export function minorsFor(devices: readonly DevicePlan[], marks: readonly string[]): Map<string, string> {
  const classOfMac = new Map(
    marks.map((element) => {
      const [mac, mark] = element.split(" : ");
      return [mac!, Number.parseInt(mark!.slice(-4), 16).toString(16)];
    }),
  );
  const minors = new Map<string, string>();
  const taken = new Set<string>();
  for (const device of devices) {
    const known = macsOf(device)
      .map((mac) => classOfMac.get(mac))
      .find((minor) => minor !== undefined && !taken.has(minor));
    if (!known) continue;
    minors.set(device.device, known);
    taken.add(known);
  }
  let next = firstMinor;
  for (const { device } of devices) {
    if (minors.has(device)) continue;
    while (taken.has(next.toString(16))) next++;
    minors.set(device, next.toString(16));
    taken.add(next.toString(16));
  }
  return minors;
}

/** HTB lends between classes of one priority in proportion to their quantum: that is the weight. */
export function classOf(device: DevicePlan, way: "down" | "up", line: number, queueKind: QueueKind): ClassSpec {
  const ceil = Math.min(device.ceiling[way] ?? line, line);
  return {
    rate: Math.min(Math.max(8, device.guarantee[way]), ceil),
    ceil,
    prio: trafficClasses.indexOf(device.class),
    quantum: Math.round(Math.min(60_000, Math.max(1_514, 3_028 * device.weight))),
    queue: queueFor(queueKind, ceil, device.latencyTarget),
  };
}

const units: Readonly<Record<string, number>> = { bit: 1e-3, Kbit: 1, Mbit: 1e3, Gbit: 1e6 };
const kbps = (text: string): number => {
  const [, number, unit] = /^([\d.]+)(bit|Kbit|Mbit|Gbit)$/.exec(text) ?? [];
  return number ? Math.round(Number(number) * units[unit!]!) : Number.NaN;
};

/** Reads `tc -d class show` and `tc -j qdisc show` of one interface; null when its root is not ours. */
export function parseTree(classes: string, qdiscs: string): Tree | null {
  const listed = JSON.parse(qdiscs || "[]") as { kind: string; handle: string; parent?: string; root?: boolean; options?: object }[];
  if (!listed.some(({ root: isRoot, handle }) => isRoot && handle === `${major}:`)) return null;
  const queueOf = new Map(
    listed.flatMap(({ kind, parent, options }) => {
      const { limit, target } = (options ?? {}) as { limit?: number; target?: number };
      const queue = kind === "bfifo" ? limit : target === undefined ? undefined : Math.round(target / 1000);
      return parent?.startsWith(`${major}:`) && queue !== undefined ? [[parent.slice(major.length + 1), queue] as const] : [];
    }),
  );
  const tree: Tree = { rate: 0, classes: {} };
  for (const line of classes.split("\n")) {
    const minor = new RegExp(`^class htb ${major}:([0-9a-f]+) `).exec(line)?.[1];
    if (!minor) continue;
    const word = (name: string) => new RegExp(` ${name} (\\S+)`).exec(line)?.[1] ?? "";
    const spec = { rate: kbps(word("rate")), ceil: kbps(word("ceil")), prio: Number(word("prio")), quantum: Number(word("quantum")) };
    if (minor === "1") tree.rate = spec.ceil;
    else if (minor !== defaultMinor) tree.classes[minor] = { ...spec, queue: queueOf.get(minor) ?? 0 };
  }
  return tree;
}
