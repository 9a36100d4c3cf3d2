import { parentalVariables, pieces } from "./lists.ts";

/** Variables of the router by their names, as text. */
export type Nvram = Readonly<Record<string, string>>;

/** Where the list of DNS Director is. */
export const dnsList = "dnsfilter_rulelist";

/** Where the list of VPN Director is. */
export const directorList = "vpndirector_rulelist";

/** Everything a decision is made from, read at once so that it fits together. */
export const decisive = [
  "sw_mode",
  "rc_support",
  "firmver",
  "buildno",
  "ipv6_service",
  // The service that is being restarted, or "".
  "rc_service",
  "qos_enable",
  "qos_type",
  "qos_obw",
  "qos_ibw",
  "qos_rulelist",
  "qos_bw_rulelist",
  "MULTIFILTER_ALL",
  "MULTIFILTER_BLOCK_ALL",
  ...parentalVariables,
  "dnsfilter_enable_x",
  "dnsfilter_mode",
  ...Array.from({ length: pieces }, (_, i) => (i === 0 ? dnsList : `${dnsList}${i}`)),
] as const;

/** Whether the firmware says it has a feature. */
export const supports = (nvram: Nvram, feature: string): boolean => (nvram.rc_support ?? "").split(/\s+/).includes(feature);
/** Merlin numbers his builds with a point: 388.7 where the maker has 388. */
export const isMerlin = (nvram: Nvram): boolean => /^\d+\.\d/.test(nvram.buildno ?? "");
/** Broadcom HND models hold long lists in pieces. */
export const inPieces = (nvram: Nvram): boolean =>
  supports(nvram, "hnd") ||
  supports(nvram, "HND") ||
  Array.from({ length: pieces - 1 }, (_, i) => nvram[`${dnsList}${i + 1}`]).some(Boolean);

/** What has to be restarted for a variable to take effect, in this order. */
const services: readonly (readonly [prefix: string, services: readonly string[]])[] = [
  ["qos_", ["restart_qos", "restart_firewall"]],
  ["dnsfilter_", ["restart_dnsmasq", "restart_firewall"]],
  ["MULTIFILTER_", ["restart_firewall"]],
  [directorList, ["restart_vpnrouting0"]],
];
/** Services for a change of variables. Nothing else is ever restarted. */
export function servicesFor(variables: Iterable<string>): string[] {
  const needed = new Set<string>();
  for (const variable of variables)
    for (const [prefix, names] of services) if (variable.startsWith(prefix)) for (const name of names) needed.add(name);
  return ["restart_qos", "restart_dnsmasq", "restart_firewall", "restart_vpnrouting0"].filter((name) => needed.has(name));
}
