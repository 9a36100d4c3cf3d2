import { defaultMinor, type Leaf, major, parseClasses, type QueueKind, queueFor, usualQuantum } from "../shared/htb.ts";
import { restOf, type Tree, urgentOf } from "./held.ts";

const rate = (kbps: number) => `${Math.max(1, Math.round(kbps))}kbit`;

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

const leaving = (held: Tree | null, wanted: Tree | null): string[] =>
  Object.keys(held?.classes ?? {}).filter((minor) => wanted !== null && !(minor in wanted.classes));

/** Lines that take away what `wanted` has not. */
export function drop(device: string, held: Tree | null, wanted: Tree | null): string[] {
  if (held === null) return [];
  if (wanted === null) return [`qdisc del dev ${device} root handle ${major}:`];
  return leaving(held, wanted)
    .flatMap((minor) => [urgentOf(minor), restOf(minor), minor])
    .map((minor) => `class del dev ${device} classid ${major}:${minor}`);
}

/**
 * Lines for a shell that wait until the classes that go are empty, a second at most: what waits in one that is deleted is lost.
 * New packets go elsewhere already.
 */
export function drain(device: string, held: Tree | null, wanted: Tree | null): string[] {
  const queues = leaving(held, wanted).flatMap((minor) => [urgentOf(minor), restOf(minor)]);
  if (queues.length === 0) return [];
  const waiting = `tc -s qdisc show dev ${device} | grep -A 2 -E ' (${queues.join("|")}): ' | grep -q 'backlog [1-9]'`;
  return [`i=0; while [ $i -lt 20 ]; do ${waiting} || break; sleep 0.05; i=$((i + 1)); done`];
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
 * The queue of transfers, whatever delay their device bears. A longer plain one carries no more: what overflows it at once comes back
 * as a burst, and fills the modem's queue, where everybody waits.
 */
export const transferQueue = (kind: QueueKind, ceil: number): number => queueFor(kind, ceil, kind === "bfifo" ? 25 : 60);

/** Reads `tc -d class show` and `tc -j qdisc show` of one interface; null when its root is not ours. */
export function parseTree(classes: string, qdiscs: string): Tree | null {
  const found = parseClasses(classes, qdiscs);
  if (found === null) return null;
  const leafOf = (minor: string): Leaf => {
    const { rate = 0, ceil = 0, prio = 0, quantum = 0, queue = 0 } = found.get(minor) ?? {};
    return { rate, ceil, prio, quantum, queue };
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
