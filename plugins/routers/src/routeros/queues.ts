import type { DevicePlan, LinePlan } from "@network-personas/engine/model";
import type { TrafficClass } from "@network-personas/personas";
import { type Thing, thing } from "./things.ts";

export type Way = "down" | "up";
export const ways: readonly Way[] = ["down", "up"];

/** RouterOS knows eight priorities, 1 first. */
const priorities: Record<TrafficClass, number> = { realtime: 1, interactive: 2, streaming: 4, default: 5, bulk: 8 };

/** Marks of connections, and of packets by the way they go. */
export const connectionMark = (device: string): string => `np-${device}`;
export const packetMark = (way: Way, device: string): string => `np-${way}.${device}`;
/** What no device of the plan sends or gets. */
export const restMark = (way: Way): string => `np-${way}-rest`;

const bits = (kbps: number): string => String(kbps * 1_000);

/** fq_codel aims at a part of the delay a device wants, ms. */
const targetOf = (latencyTarget: number): number => Math.min(20, Math.max(5, Math.round(latencyTarget / 4)));
const queueName = (target: number): string => `np-fq-codel-${target}ms`;
const ordinaryLatency = 60;

/**
 * HTB of RouterOS knows no weights, but lends what is left after every queue has its `limit-at`. A small `limit-at` in proportion to the
 * weight stands for it: this is the one of weight 1, kbit/s, a power of two so that it seldom changes. All of them together take at most half of what no
 * guarantee takes.
 */
export function shareOfOne(line: number, devices: readonly DevicePlan[], way: Way): number {
  const guaranteed = devices.reduce((sum, device) => sum + device.guarantee[way], 0);
  const weights = devices.reduce((sum, device) => sum + device.weight, 1);
  const most = Math.min(line / 64, Math.max(0, line - guaranteed) / 2 / weights);
  return most < 1 ? 0 : 2 ** Math.floor(Math.log2(most));
}

/** `limit-at` of one device, kbit/s. */
function floorOf(device: DevicePlan, way: Way, share: number, line: number): number {
  return Math.min(Math.max(device.guarantee[way], Math.round(share * device.weight)), device.ceiling[way] ?? line, line);
}

/** One tree for each way: the line, a queue for each device, and one for everybody else. */
export function queuesOf({ shaper }: LinePlan, devices: readonly DevicePlan[]): Thing[] {
  const things: Thing[] = [];
  const targets = new Set<number>([targetOf(ordinaryLatency)]);
  for (const way of ways) {
    const line = shaper[way];
    const share = shareOfOne(line, devices, way);
    const leaf = (group: string, name: string, props: { least: number; most: number; priority: number; target: number }) => {
      targets.add(props.target);
      things.push(
        thing("queue/tree", group, {
          name,
          parent: `np-${way}`,
          "packet-mark": name,
          "limit-at": bits(props.least),
          "max-limit": bits(props.most),
          priority: String(props.priority),
          queue: queueName(props.target),
        }),
      );
    };
    things.push(
      thing("queue/tree", `@line/${way}`, {
        name: `np-${way}`,
        parent: "global",
        "packet-mark": "",
        "limit-at": "0",
        "max-limit": bits(line),
        priority: "8",
        queue: "default-small",
      }),
    );
    leaf(`@line/${way}-rest`, restMark(way), {
      least: Math.min(share, line),
      most: line,
      priority: priorities.default,
      target: targetOf(ordinaryLatency),
    });
    for (const device of devices)
      leaf(`${device.device}/queue-${way}`, packetMark(way, device.device), {
        least: floorOf(device, way, share, line),
        most: Math.min(device.ceiling[way] ?? line, line),
        priority: priorities[device.class],
        target: targetOf(device.latencyTarget),
      });
  }
  for (const target of targets)
    things.push(thing("queue/type", queueName(target), { name: queueName(target), kind: "fq-codel", "fq-codel-target": `${target}ms` }));
  return things;
}
