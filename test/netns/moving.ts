import { onTestFinished, vi } from "vitest";
import { type Family, families, far, type Home } from "./home.ts";
import { run } from "./namespace.ts";
import { type Came, NumberedFlow, type Place, packetBytes, reordering } from "./numbered.ts";

// What becomes of numbered packets between the laptop and the server while plans change.

type Change = () => Promise<unknown>;

/** The laptop and the server. */
export const endsOf = (home: Home, family: Family): readonly [inside: Place, outside: Place] => [
  { namespace: home.laptop, address: family === "ipv4" ? "192.168.1.11" : "fd00::11" },
  { namespace: home.server, address: far[family] },
];

interface Queue {
  /** Bytes it has room for. */
  limit: number;
  /** Packets in it, and those it had no room for. */
  waiting: number;
  dropped: number;
}
/** The queues of our classes on an interface, by minor number. */
export function queues(namespace: string, device: string): Map<string, Queue> {
  const listed = JSON.parse(run(namespace, `tc -s -j qdisc show dev ${device}`)) as {
    parent?: string;
    options: { limit?: number };
    qlen: number;
    drops: number;
  }[];
  return new Map(
    listed.flatMap(({ parent, options, qlen, drops }) =>
      parent?.startsWith("4e50:")
        ? [[parent.slice(5), { limit: options.limit ?? Number.POSITIVE_INFINITY, waiting: qlen, dropped: drops }] as const]
        : [],
    ),
  );
}

export interface Stayed {
  sent: number;
  /** Neither came nor found whom it came to too busy. */
  lost: number;
  late: number;
}
/** A thousand packets a second each way and by each family, in a class of their own, while others fill the line and plans change. */
export async function staying(home: Home, changes: readonly Change[]): Promise<Stayed[]> {
  const endLoad = await home.load(home.tv, far.ipv4);
  const flows: NumberedFlow[] = [];
  for (const family of families) {
    const [inside, outside] = endsOf(home, family);
    flows.push(await NumberedFlow.start(inside, outside, 1), await NumberedFlow.start(outside, inside, 1));
  }
  onTestFinished(() => {
    for (const flow of flows) flow.stop();
  });
  for (const change of changes) await change();
  await endLoad();
  const came: Came[] = [];
  for (const flow of flows) came.push(await flow.end(() => 0));
  return came.map(({ sent, order, overrun }) => ({ sent, lost: sent - order.length - overrun, late: reordering(order).late }));
}

export interface Moved {
  sent: number;
  /** Did not come though no queue was too full for it: what the changes lost. */
  lost: number;
  late: number;
  bursts: number;
  /** Packets the longest of the queues it was in had room for. */
  longest: number;
}
export type Way = { way: "up" | "down"; family: Family; device: string };
/** Each way over another family. */
export const ways: readonly Way[] = [
  { way: "up", family: "ipv4", device: "wan0" },
  { way: "down", family: "ipv6", device: "br-lan" },
];
/** Changes plans whenever packets of a flow, so many a ms, wait in a queue. */
export async function moving(home: Home, { way, family, device }: Way, perMs: number, changes: readonly Change[]): Promise<Moved> {
  const all = () => [...queues(home.namespace, device).values()];
  const fullest = () => all().reduce((a, b) => (b.waiting > a.waiting ? b : a));
  // What a full queue had no room for is no loss of a change.
  const dropped = () => all().reduce((sum, queue) => sum + queue.dropped, 0);
  const [inside, outside] = endsOf(home, family);
  const flow = await (way === "up" ? NumberedFlow.start(inside, outside, perMs) : NumberedFlow.start(outside, inside, perMs));
  onTestFinished(() => flow.stop());
  let longest = 0;
  for (const change of changes) {
    await vi.waitUntil(() => fullest().waiting >= 20, { timeout: 20_000, interval: 20 });
    longest = Math.max(longest, fullest().limit / packetBytes[family]);
    await change();
  }
  const { sent, order, overrun } = await flow.end(dropped);
  return { sent, lost: sent - order.length - dropped() - overrun, ...reordering(order), longest };
}
