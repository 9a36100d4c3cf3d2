import type { DevicePlan } from "@network-personas/engine/model";
import { z } from "zod";
import { macsOf } from "./wishes.ts";

// What the drivers that give every device HTB classes of its own have in common: `linux`, and `openwrt` through its agent.

/** "NP": in the handles of our classes and the marks of our connections. */
export const major = "4e50";
export const markOf = (minor: string): string => `0x${major}${minor.padStart(4, "0")}`;
/** What nobody's class is for. */
export const defaultMinor = "fffe";
const firstMinor = 0x10;

/** A class with a queue; rates in kbit/s. */
export const Leaf = z.strictObject({
  rate: z.number(),
  ceil: z.number(),
  prio: z.number(),
  quantum: z.number(),
  /** Bytes of a plain queue, else the target of fq_codel or the round trip of CAKE, ms. */
  queue: z.number(),
});
export type Leaf = z.infer<typeof Leaf>;

/** Fields of a plan that need queues of ours. */
export const queueing = ["device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"] as const;

/** Queueing disciplines of single classes, best first. */
export const queueKinds = ["cake", "fq_codel", "bfifo"] as const;
export type QueueKind = (typeof queueKinds)[number];

/**
 * Room for the delay a device wants at the rate it may have, kbit/s and ms: a plain queue is as long as that, fq_codel aims at a part of
 * it, and CAKE aims at a twentieth of the round trip it is told.
 */
export function queueFor(kind: QueueKind, ceil: number, latencyTarget: number): number {
  if (kind === "cake") return Math.min(100, Math.max(30, Math.round((latencyTarget * 5) / 3)));
  if (kind === "fq_codel") return Math.min(20, Math.max(5, Math.round(latencyTarget / 4)));
  return Math.max(6_000, Math.round((ceil * latencyTarget) / 8));
}

/** A class without any rate would never be served, kbit/s. */
const servedRate = 8;
/** What a device is guaranteed and what it may have at most on a line, kbit/s. */
export function ratesOf(device: DevicePlan, way: "down" | "up", line: number): { rate: number; ceil: number } {
  const ceil = Math.min(device.ceiling[way] ?? line, line);
  return { rate: Math.min(Math.max(servedRate, device.guarantee[way]), ceil), ceil };
}

/** Bytes a class may send before it is another's turn, at weight 1: two packets. */
export const usualQuantum = 3_028;
/** HTB lends between classes of one priority in proportion to their quantum: that is the weight. */
export const quantumOf = ({ weight }: DevicePlan): number => Math.round(Math.min(60_000, Math.max(1_514, usualQuantum * weight)));

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

const units: Readonly<Record<string, number>> = { bit: 1e-3, Kbit: 1, Mbit: 1e3, Gbit: 1e6 };
const kbps = (text: string): number => {
  const [, number, unit] = /^([\d.]+)(bit|Kbit|Mbit|Gbit)$/.exec(text) ?? [];
  return number ? Math.round(Number(number) * units[unit!]!) : Number.NaN;
};

/** A class as it is found: `parent` is the minor number of the class it is in, `undefined` of the first one. */
export type FoundClass = Leaf & { parent: string | undefined };

/**
 * Reads `tc -d class show` and `tc -j qdisc show` of one interface: our classes by their minor numbers, hexadecimal; null when its root is
 * not ours.
 */
export function parseClasses(classes: string, qdiscs: string): Map<string, FoundClass> | null {
  const listed = JSON.parse(qdiscs || "[]") as { kind: string; handle: string; parent?: string; root?: boolean; options?: object }[];
  if (!listed.some(({ root: isRoot, handle }) => isRoot && handle === `${major}:`)) return null;
  const queueOf = new Map(
    listed.flatMap(({ kind, parent, options }) => {
      const { limit, target, rtt } = (options ?? {}) as { limit?: number; target?: number; rtt?: number };
      const microseconds = kind === "cake" ? rtt : target;
      const queue = kind === "bfifo" ? limit : microseconds === undefined ? undefined : Math.round(microseconds / 1000);
      return parent?.startsWith(`${major}:`) && queue !== undefined ? [[parent.slice(major.length + 1), queue] as const] : [];
    }),
  );
  return new Map(
    classes.split("\n").flatMap((line) => {
      const [, minor, parent] = new RegExp(`^class htb ${major}:([0-9a-f]+) (?:root|parent ${major}:([0-9a-f]+)) `).exec(line) ?? [];
      if (!minor) return [];
      const word = (name: string) => new RegExp(` ${name} (\\S+)`).exec(line)?.[1] ?? "";
      const numbers = { rate: kbps(word("rate")), ceil: kbps(word("ceil")), prio: Number(word("prio")), quantum: Number(word("quantum")) };
      return [[minor, { ...numbers, queue: queueOf.get(minor) ?? 0, parent }] as const];
    }),
  );
}
