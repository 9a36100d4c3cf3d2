import type { Flow } from "../model/index.ts";

/** One direction of a tracked connection. */
interface Tuple {
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  packets: number;
  bytes: number;
}
/** One TCP or UDP entry of Linux' connection tracking, as `conntrack -L` prints it. */
export interface TrackedConnection {
  protocol: "tcp" | "udp";
  original: Tuple;
  reply: Tuple;
}

const entry = /^(?:ipv[46]\s+\d+\s+)?(tcp|udp)\s/;
const tuple =
  /src=(?<source>\S+) dst=(?<destination>\S+) sport=(?<sourcePort>\d+) dport=(?<destinationPort>\d+)(?: packets=(?<packets>\d+) bytes=(?<bytes>\d+))?/g;

/**
 * Reads what `conntrack -L` printed, with or without `-o extended`. Other protocols are left out.
 * @returns undefined when connections are there but not counted (`net.netfilter.nf_conntrack_acct` is 0)
 */
export function parseConntrack(text: string): TrackedConnection[] | undefined {
  const found: TrackedConnection[] = [];
  for (const line of text.split("\n")) {
    const protocol = entry.exec(line)?.[1] as "tcp" | "udp" | undefined;
    if (!protocol) continue;
    const sides = [...line.matchAll(tuple)].map(({ groups }) => groups!);
    if (sides.length < 2) continue;
    if (sides.some((side) => side.bytes === undefined)) return undefined;
    const [original, reply] = sides.map(
      (side): Tuple => ({
        source: side.source!,
        destination: side.destination!,
        sourcePort: Number(side.sourcePort),
        destinationPort: Number(side.destinationPort),
        packets: Number(side.packets),
        bytes: Number(side.bytes),
      }),
    );
    found.push({ protocol, original: original!, reply: reply! });
  }
  return found;
}

/**
 * Connections as flows of devices. Linux does not say since when a connection is there, so that is remembered from look to look;
 * one of the first look may be of any age and counts as a minute old.
 */
export class ConnectionLog {
  #begun: Map<string, number> | undefined;

  /** `macOf` knows the addresses of devices in the home; connections within it are no business of the line. */
  flows(connections: readonly TrackedConnection[], macOf: (address: string) => string | undefined, now: number): Flow[] {
    const begun = new Map<string, number>();
    const flows = connections.flatMap(({ protocol, original, reply }): Flow[] => {
      // Whoever opened it: out of the home, or into it by a forwarded port.
      const [inside, outside, remotePort] = macOf(original.source)
        ? [original, reply, original.destinationPort]
        : [reply, original, original.sourcePort];
      const mac = macOf(inside.source);
      if (!mac || macOf(outside.source)) return [];
      const id = [protocol, original.source, original.sourcePort, original.destination, original.destinationPort].join(" ");
      const since = this.#begun === undefined ? now - firstLookAge : (this.#begun.get(id) ?? now - newAge);
      begun.set(id, since);
      return [
        {
          id,
          mac,
          protocol,
          remotePort,
          upBytes: inside.bytes,
          upPackets: inside.packets,
          downBytes: outside.bytes,
          downPackets: outside.packets,
          ageMs: Math.max(1, now - since),
        },
      ];
    });
    this.#begun = begun;
    return flows;
  }
}
const firstLookAge = 60_000;
/** A new connection began somewhere between two looks. */
const newAge = 1_000;
