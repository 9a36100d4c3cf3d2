import { type ClassSpec, defaultMinor, major, type Tree } from "./held.ts";

/** Queueing disciplines of single classes, best first. */
export const queueKinds = ["fq_codel", "bfifo"] as const;
export type QueueKind = (typeof queueKinds)[number];

const rate = (kbps: number) => `${Math.max(1, Math.round(kbps))}kbit`;
const root = (rateOfLine: number): ClassSpec => ({ rate: 64, ceil: rateOfLine, prio: 3, quantum: 1_514, queue: 0 });

/** `tc -batch` lines that make or change what `wanted` has; classes that are there are changed in place, so that nothing is lost. */
export function raise(device: string, held: Tree | null, wanted: Tree | null, kind: QueueKind): string[] {
  if (wanted === null) return [];
  const lines: string[] = [];
  if (held === null) lines.push(`qdisc add dev ${device} root handle ${major}: htb default ${defaultMinor}`);
  if (held?.rate !== wanted.rate) {
    lines.push(`class replace dev ${device} parent ${major}: classid ${major}:1 htb rate ${rate(wanted.rate)} ceil ${rate(wanted.rate)}`);
    lines.push(classLine(device, defaultMinor, root(wanted.rate)), queueLine(device, defaultMinor, defaultQueue(wanted.rate, kind), kind));
  }
  for (const [minor, spec] of Object.entries(wanted.classes)) {
    const before = held?.classes[minor];
    if (JSON.stringify(before) === JSON.stringify(spec)) continue;
    lines.push(classLine(device, minor, spec));
    if (before?.queue !== spec.queue) lines.push(queueLine(device, minor, spec.queue, kind));
  }
  return lines;
}

/** Lines that take away what `wanted` has not. */
export function drop(device: string, held: Tree | null, wanted: Tree | null): string[] {
  if (held === null) return [];
  if (wanted === null) return [`qdisc del dev ${device} root handle ${major}:`];
  return Object.keys(held.classes)
    .filter((minor) => !(minor in wanted.classes))
    .map((minor) => `class del dev ${device} classid ${major}:${minor}`);
}

const classLine = (device: string, minor: string, { rate: least, ceil, prio, quantum }: ClassSpec): string =>
  `class replace dev ${device} parent ${major}:1 classid ${major}:${minor} htb rate ${rate(least)} ceil ${rate(ceil)} prio ${prio} quantum ${quantum}`;
const queueLine = (device: string, minor: string, queue: number, kind: QueueKind): string =>
  `qdisc replace dev ${device} parent ${major}:${minor} handle ${minor}: ${kind === "bfifo" ? `bfifo limit ${queue}` : `fq_codel target ${queue}ms`}`;

/** Room for the delay a device wants at the rate it may have: a plain queue is as long as that, fq_codel aims at a part of it. */
export function queueFor(kind: QueueKind, ceil: number, latencyTarget: number): number {
  if (kind === "fq_codel") return Math.min(20, Math.max(5, Math.round(latencyTarget / 4)));
  return Math.max(6_000, Math.round((ceil * latencyTarget) / 8));
}
const defaultQueue = (rateOfLine: number, kind: QueueKind) => queueFor(kind, rateOfLine, 60);

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
