import { defaultMinor, type Leaf, major, restOf, type Tree, urgentOf } from "./held.ts";

/** Queueing disciplines of single classes, best first. */
export const queueKinds = ["cake", "fq_codel", "bfifo"] as const;
export type QueueKind = (typeof queueKinds)[number];

const rate = (kbps: number) => `${Math.max(1, Math.round(kbps))}kbit`;
/** Bytes a class may send before it is another's turn, at weight 1: two packets. */
export const usualQuantum = 3_028;

/** `tc -batch` lines that make or change what `wanted` has; classes that are there are changed in place, so that nothing is lost. */
export function raise(device: string, held: Tree | null, wanted: Tree | null, kind: QueueKind): string[] {
  if (wanted === null) return [];
  const lines: string[] = [];
  if (held === null) lines.push(`qdisc add dev ${device} root handle ${major}: htb default ${defaultMinor}`);
  if (held?.rate !== wanted.rate) {
    lines.push(`class replace dev ${device} parent ${major}: classid ${major}:1 htb rate ${rate(wanted.rate)} ceil ${rate(wanted.rate)}`);
    const strangers: Leaf = { rate: 64, ceil: wanted.rate, prio: 3, quantum: 1_514, queue: transferQueue(kind, wanted.rate) };
    lines.push(leafLine(device, "1", defaultMinor, strangers), queueLine(device, defaultMinor, strangers.queue, kind));
  }
  for (const [minor, spec] of Object.entries(wanted.classes)) {
    const before = held?.classes[minor];
    if (before?.rate !== spec.rate || before?.ceil !== spec.ceil)
      lines.push(`${classLine(device, "1", minor)} rate ${rate(spec.rate)} ceil ${rate(spec.ceil)} quantum ${usualQuantum}`);
    for (const [number, name] of [
      [urgentOf(minor), "urgent"],
      [restOf(minor), "rest"],
    ] as const) {
      if (JSON.stringify(before?.[name]) !== JSON.stringify(spec[name])) lines.push(leafLine(device, minor, number, spec[name]));
      if (before?.[name].queue !== spec[name].queue) lines.push(queueLine(device, number, spec[name].queue, kind));
    }
  }
  return lines;
}

/** Lines that take away what `wanted` has not. */
export function drop(device: string, held: Tree | null, wanted: Tree | null): string[] {
  if (held === null) return [];
  if (wanted === null) return [`qdisc del dev ${device} root handle ${major}:`];
  return Object.keys(held.classes)
    .filter((minor) => !(minor in wanted.classes))
    .flatMap((minor) => [urgentOf(minor), restOf(minor), minor])
    .map((minor) => `class del dev ${device} classid ${major}:${minor}`);
}

const classLine = (device: string, parent: string, minor: string): string =>
  `class replace dev ${device} parent ${major}:${parent} classid ${major}:${minor} htb`;
const leafLine = (device: string, parent: string, minor: string, { rate: least, ceil, prio, quantum }: Leaf): string =>
  `${classLine(device, parent, minor)} rate ${rate(least)} ceil ${rate(ceil)} prio ${prio} quantum ${quantum}`;
const queueLine = (device: string, minor: string, queue: number, kind: QueueKind): string =>
  `qdisc replace dev ${device} parent ${major}:${minor} handle ${minor}: ${disciplines[kind](queue)}`;
/** HTB says how much a class gets, so CAKE only keeps its flows apart and its queue short. */
const disciplines: Readonly<Record<QueueKind, (queue: number) => string>> = {
  cake: (rtt) => `cake unlimited besteffort flows rtt ${rtt}ms`,
  fq_codel: (target) => `fq_codel target ${target}ms`,
  bfifo: (limit) => `bfifo limit ${limit}`,
};

/**
 * Room for the delay a device wants at the rate it may have: a plain queue is as long as that, fq_codel aims at a part of it, and CAKE
 * aims at a twentieth of the round trip it is told.
 */
export function queueFor(kind: QueueKind, ceil: number, latencyTarget: number): number {
  if (kind === "cake") return Math.min(100, Math.max(30, Math.round((latencyTarget * 5) / 3)));
  if (kind === "fq_codel") return Math.min(20, Math.max(5, Math.round(latencyTarget / 4)));
  return Math.max(6_000, Math.round((ceil * latencyTarget) / 8));
}

/**
 * The queue of transfers, whatever delay their device bears. A longer plain one carries no more: what overflows it at once comes back
 * as a burst, and fills the modem's queue, where everybody waits.
 */
export const transferQueue = (kind: QueueKind, ceil: number): number => queueFor(kind, ceil, kind === "bfifo" ? 25 : 60);

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
      const { limit, target, rtt } = (options ?? {}) as { limit?: number; target?: number; rtt?: number };
      const microseconds = kind === "cake" ? rtt : target;
      const queue = kind === "bfifo" ? limit : microseconds === undefined ? undefined : Math.round(microseconds / 1000);
      return parent?.startsWith(`${major}:`) && queue !== undefined ? [[parent.slice(major.length + 1), queue] as const] : [];
    }),
  );
  const found = new Map(
    classes.split("\n").flatMap((line) => {
      const [, minor, parent] = new RegExp(`^class htb ${major}:([0-9a-f]+) (?:root|parent ${major}:([0-9a-f]+)) `).exec(line) ?? [];
      const word = (name: string) => new RegExp(` ${name} (\\S+)`).exec(line)?.[1] ?? "";
      const numbers = { rate: kbps(word("rate")), ceil: kbps(word("ceil")), prio: Number(word("prio")), quantum: Number(word("quantum")) };
      return minor ? [[minor, { ...numbers, parent }] as const] : [];
    }),
  );
  const leafOf = (minor: string): Leaf => {
    const { rate = 0, ceil = 0, prio = 0, quantum = 0 } = found.get(minor) ?? {};
    return { rate, ceil, prio, quantum, queue: queueOf.get(minor) ?? 0 };
  };
  const tree: Tree = { rate: found.get("1")?.ceil ?? 0, classes: {} };
  for (const [minor, { rate, ceil, parent }] of found)
    if (parent === "1" && minor !== defaultMinor)
      tree.classes[minor] = {
        rate,
        ceil,
        urgent: leafOf(urgentOf(minor)),
        rest: leafOf(restOf(minor)),
      };
  return tree;
}
