import type { Application } from "@network-personas/personas";
import { dscps } from "../shared/nft.ts";
import { allNames } from "./names.ts";
import type { Settings } from "./settings.ts";

/** A tunnel devices can be sent through. Its slot is in the mark, the priority of the rule and the number of the routing table. */
export interface Tunnel {
  id: string;
  slot: number;
  device: string;
  dns: readonly string[];
}
/** What rules and sets depend on, other than a plan. */
export type Layout = Pick<Settings, "lan" | "wan" | "dns"> & {
  tunnels: readonly Tunnel[];
  /** Applications that can be told by name, each with domains that cover their subdomains. */
  told: readonly { id: string; domains: readonly string[] }[];
  /** How long what is not renewed stays, seconds. */
  lease: number;
  /** Folder on the router for what answers names. */
  namesFolder: string;
};

export function layoutOf(
  { lan, wan, dns, tunnels, runDir }: Settings,
  router: string,
  applications: ReadonlyMap<string, Application>,
  lease = usualLease,
): Layout {
  const listed = Object.entries(tunnels).map(([id, tunnel], index) => ({ id, slot: index + 1, ...tunnel }));
  const told = [...applications.values()]
    .filter(({ domains }) => domains.length > 0)
    .map(({ id, domains }) => ({ id, domains: [...new Set(domains.map((domain) => domain.replace(/^\*\./, "")))].sort() }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { lan, wan, dns, tunnels: listed, told, lease, namesFolder: `${runDir}/${router}/names` };
}

const ether = "type ether_addr;";
/** Sets whose elements may run out. */
const leasable = "type ether_addr; flags timeout;";
const service = "type ether_addr . inet_proto . inet_service; flags interval,timeout;";
/** Whose questions for names go to one of ours. */
export const namesSet = (key: string): string => `names_${key}`;
/** What is done with an application of a device. */
export const toldMap = (id: string): string => `told_${id}`;
/** Chain that refuses what is new. */
export const refuseNew = "refuse_new";
export const tunnelSet = (slot: number): string => `tunnel_${slot}`;

/** As long as the engine may be away before what nobody ordered himself ends, seconds. */
const usualLease = 15 * 60;

/** Every set and map of our table that a plan fills, with its declaration. The order is that of the table. */
export function setTypes({ dns, tunnels, told }: Layout): Readonly<Record<string, string>> {
  return {
    mark_of: "type ether_addr : mark;",
    urgent_of: "type mark : classid;",
    small_of: "type mark : classid;",
    rest_of: "type mark : classid;",
    ...Object.fromEntries(dscps.map((n) => [`dscp_${n}`, ether])),
    blocked: ether,
    blocked_cut: ether,
    marks_cut: "type mark;",
    app_blocked: service,
    app_cut: service,
    app_allowed: service,
    told: leasable,
    ...Object.fromEntries(told.map(({ id }) => [toldMap(id), "type ether_addr : verdict; flags timeout;"])),
    ...Object.fromEntries(allNames({ dns, tunnels }).map(({ key }) => [namesSet(key), leasable])),
    no_dot: leasable,
    strict: leasable,
    closed: leasable,
    dns_family: leasable,
    dns_malware: leasable,
    ...Object.fromEntries(tunnels.map(({ slot }) => [tunnelSet(slot), ether])),
  };
}
export const isMap = (set: string): boolean => set.endsWith("_of") || set.startsWith("told_");
