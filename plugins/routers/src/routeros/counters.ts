import type { Counters } from "@network-personas/engine/model";
import { byMac, macOf } from "./clients.ts";
import { packetMark } from "./queues.ts";
import type { Rest } from "./rest.ts";
import { parseComment } from "./things.ts";
import { count, isTrue } from "./values.ts";

type Bytes = Map<string, { downBytes: number; upBytes: number }>;

/** What devices carried: kid-control counts everyone when it is used at all, else our own queues count those of the plan. */
export async function readCounters(rest: Rest, line: string | undefined, now: number): Promise<Counters> {
  const counted = await kidControl(rest);
  const [wan] = line === undefined ? [] : await rest.list("interface", ["rx-byte", "tx-byte"], { name: line });
  return {
    at: new Date(now).toISOString(),
    devices: counted.size > 0 ? counted : await queueCounters(rest),
    ...(wan ? { wan: { downBytes: count(wan["rx-byte"]), upBytes: count(wan["tx-byte"]) } } : {}),
  };
}

/** Several addresses of one device are one entry each. */
export async function kidControl(rest: Rest): Promise<Bytes> {
  const rows = (await rest.listIfAny("ip/kid-control/device", ["mac-address", "bytes-down", "bytes-up"])) ?? [];
  const devices: Bytes = new Map();
  for (const [mac, row] of byMac(rows)) {
    const { downBytes, upBytes } = devices.get(mac) ?? { downBytes: 0, upBytes: 0 };
    devices.set(mac, { downBytes: downBytes + count(row["bytes-down"]), upBytes: upBytes + count(row["bytes-up"]) });
  }
  return devices;
}

/** Bytes of the queues of each device, under the first of its MAC addresses. */
async function queueCounters(rest: Rest): Promise<Bytes> {
  const devices: Bytes = new Map();
  const queues = await rest.list("queue/tree", ["name", "bytes"], { disabled: "false" });
  if (queues.length === 0) return devices;
  const bytes = new Map(queues.map((queue) => [queue.name ?? "", count(queue.bytes)]));
  const marks = await rest.list("ip/firewall/mangle", ["comment", "src-mac-address", "disabled"], { action: "mark-connection" });
  const seen = new Set<string>();
  for (const mark of marks) {
    const [device, part] = parseComment(mark.comment ?? "").group.split("/");
    const mac = macOf(mark["src-mac-address"]);
    if (part !== "mark" || !device || !mac || isTrue(mark.disabled) || seen.has(device)) continue;
    seen.add(device);
    const [down, up] = [bytes.get(packetMark("down", device)), bytes.get(packetMark("up", device))];
    if (down !== undefined && up !== undefined) devices.set(mac, { downBytes: down, upBytes: up });
  }
  return devices;
}
