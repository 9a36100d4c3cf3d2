import { dscps } from "./held.ts";
import type { Settings } from "./settings.ts";

/** A tunnel devices can be sent through. Its slot is in the mark, the priority of the rule and the number of the routing table. */
export interface Tunnel {
  id: string;
  slot: number;
  device: string;
  dns: readonly string[];
}
/** What rules and sets depend on, other than a plan. */
export type Layout = Pick<Settings, "lan" | "wan" | "dns"> & { tunnels: readonly Tunnel[] };

export function layoutOf({ lan, wan, dns, tunnels }: Settings): Layout {
  const listed = Object.entries(tunnels).map(([id, tunnel], index) => ({ id, slot: index + 1, ...tunnel }));
  return { lan, wan, dns, tunnels: listed };
}

const ether = "type ether_addr;";
const service = "type ether_addr . inet_proto . inet_service; flags interval;";
export const tunnelSet = (slot: number): string => `tunnel_${slot}`;

/** Every set and map of our table that a plan fills, with its declaration. The order is that of the table. */
export function setTypes({ tunnels }: Layout): Readonly<Record<string, string>> {
  return {
    mark_of: "type ether_addr : mark;",
    class_of: "type mark : classid;",
    ...Object.fromEntries(dscps.map((n) => [`dscp_${n}`, ether])),
    blocked: ether,
    blocked_cut: ether,
    marks_cut: "type mark;",
    app_blocked: service,
    app_cut: service,
    app_allowed: service,
    strict: ether,
    closed: ether,
    dns_family: ether,
    dns_malware: ether,
    ...Object.fromEntries(tunnels.map(({ slot }) => [tunnelSet(slot), ether])),
  };
}
export const maps: ReadonlySet<string> = new Set(["mark_of", "class_of"]);
