import type { TrackedConnection } from "@network-personas/engine/driver";
import type { Rest } from "./rest.ts";
import { count, type Row } from "./values.ts";

/** Tables of tracked connections, by family. */
const tables = ["ip/firewall/connection", "ipv6/firewall/connection"];
const ends = ["src", "dst", "reply-src", "reply-dst"] as const;
const counted = (side: "orig" | "repl") => [`${side}-packets`, `${side}-bytes`, `${side}-fasttrack-packets`, `${side}-fasttrack-bytes`];
const props = ["protocol", ...ends.flatMap((end) => [`${end}-address`, `${end}-port`]), ...counted("orig"), ...counted("repl")];

/** "192.168.88.10:443", "[2001:db8::1]:443", or an address beside a port of its own. */
export function endOf(row: Row, end: (typeof ends)[number]): { address: string; port: number } {
  const text = row[`${end}-address`] ?? "";
  const port = row[`${end}-port`];
  if (port !== undefined) return { address: text, port: count(port) };
  const [, bracketed, plain, joined] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { address: bracketed ?? plain ?? text, port: count(joined) };
}

/** Every TCP and UDP connection, whichever way its bytes were counted. */
export async function readConnections(rest: Rest): Promise<TrackedConnection[]> {
  const found: TrackedConnection[] = [];
  for (const table of tables)
    for (const row of (await rest.listIfAny(table, props)) ?? []) {
      const { protocol } = row;
      if (protocol !== "tcp" && protocol !== "udp") continue;
      const side = (from: "src" | "reply-src", to: "dst" | "reply-dst", prefix: "orig" | "repl") => {
        const [source, destination] = [endOf(row, from), endOf(row, to)];
        const most = (what: string) => Math.max(count(row[`${prefix}-${what}`]), count(row[`${prefix}-fasttrack-${what}`]));
        return {
          source: source.address,
          sourcePort: source.port,
          destination: destination.address,
          destinationPort: destination.port,
          packets: most("packets"),
          bytes: most("bytes"),
        };
      };
      found.push({ protocol, original: side("src", "dst", "orig"), reply: side("reply-src", "reply-dst", "repl") });
    }
  return found;
}

/** Ends the running connections of some addresses. Those that are gone by then are gone. */
export async function cutConnections(rest: Rest, addresses: ReadonlySet<string>): Promise<void> {
  for (const table of tables)
    for (const row of (await rest.listIfAny(table, [".id", ...props])) ?? [])
      if (ends.some((end) => addresses.has(endOf(row, end).address))) await rest.remove(table, row[".id"] ?? "");
}
