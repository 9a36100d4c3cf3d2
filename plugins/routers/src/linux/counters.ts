import { Rejected } from "@network-personas/engine/driver";
import type { Counters } from "@network-personas/engine/model";
import { type Element, parseSets, table } from "../shared/nft.ts";
import type { Part, Reader } from "./reader.ts";
import { counted } from "./ruleset.ts";
import type { Settings } from "./settings.ts";

/**
 * What the line and each device have carried over it, IPv4 and IPv6 alike. The router counts by mark, so what several addresses of
 * one device carried is told under its first.
 */
export async function readCounters(reader: Reader, { wan }: Settings, now: number): Promise<Counters> {
  const parts = await reader.parts(countScript, wan);
  const line = (name: string): number => {
    const { code, text } = parts.get(name)!;
    if (code !== 0) throw new Rejected(`there is no interface ${wan}`, { router: reader.router, request: name });
    return Number(text.trim());
  };
  // Without our table, or with one of an earlier version, devices are not counted.
  const listed = (name: string): readonly Element[] => {
    const { code, text } = parts.get(name) as Part;
    return code === 0 ? (reader.parsed(() => parseSets(JSON.parse(text))).get(name) ?? []) : [];
  };
  const bytesOf = (name: string) => new Map(listed(name).map(({ key, bytes = 0 }) => [key, bytes]));
  const [up, down] = [bytesOf(counted.up), bytesOf(counted.down)];
  const devices = new Map<string, { downBytes: number; upBytes: number }>();
  const told = new Set<string>();
  for (const { key: mac, value: mark } of listed("mark_of").toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (mark === undefined || told.has(mark)) continue;
    told.add(mark);
    devices.set(mac, { downBytes: down.get(mark) ?? 0, upBytes: up.get(mark) ?? 0 });
  }
  return { at: new Date(now).toISOString(), devices, wan: { downBytes: line("rx_bytes"), upBytes: line("tx_bytes") } };
}

const countScript = `for name in rx_bytes tx_bytes; do part $name cat "/sys/class/net/$1/statistics/$name"; done
part mark_of nft -j list map inet ${table} mark_of
for name in ${counted.up} ${counted.down}; do part $name nft -j list set inet ${table} $name; done`;
