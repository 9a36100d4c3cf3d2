import { type Client, DhcpFingerprint, MacAddress } from "@network-personas/engine/model";
import { z } from "zod";
import type { Reader } from "./reader.ts";
import type { Settings } from "./settings.ts";

const Neighbours = z.array(z.looseObject({ dst: z.string(), lladdr: z.string().optional(), state: z.array(z.string()).default([]) }));
export interface Neighbour {
  address: string;
  mac: string;
  state: string;
}
/** Neighbour states of a host that answered lately. STALE may be hours old. */
const answering = new Set(["REACHABLE", "DELAY", "PROBE", "PERMANENT"]);

/** Reads `ip -j neigh show`. */
export function parseNeighbours(text: string): Neighbour[] {
  let listed: z.infer<typeof Neighbours> = [];
  try {
    listed = Neighbours.parse(JSON.parse(text || "[]"));
  } catch {}
  return listed.flatMap(({ dst, lladdr, state }) => {
    const mac = MacAddress.safeParse(lladdr).data;
    return mac ? [{ address: dst, mac, state: state[0] ?? "" }] : [];
  });
}
export const addressesOf = (neighbours: readonly Neighbour[]): Map<string, string> =>
  new Map(neighbours.map(({ address, mac }) => [address, mac]));

/** Lines of dnsmasq's leases: expiry, MAC, address, name or "*", client id. */
export function parseLeases(text: string): { mac: string; address: string; hostname?: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, rawMac, address, name] = line.split(" ");
    const mac = MacAddress.safeParse(rawMac).data;
    return mac && address ? [{ mac, address, ...(name && name !== "*" ? { hostname: name } : {}) }] : [];
  });
}

/** Lines np-dhcp-fingerprint wrote: MAC, requested options, vendor class. What clients sent is in it: whatever else is there is left out. */
export function parseFingerprints(text: string): Map<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const mac = MacAddress.safeParse(line.slice(0, 17)).data;
      const fingerprint = line[17] === " " ? DhcpFingerprint.safeParse(line.slice(18).trimEnd()).data : undefined;
      return mac && fingerprint ? [[mac, fingerprint] as const] : [];
    }),
  );
}

/** Everyone the router knows of; connected are those that answered as neighbours, never a lease alone. */
export async function readClients(reader: Reader, { lan, leases, dhcpFingerprints }: Settings): Promise<Client[]> {
  const neighbours = parseNeighbours(await reader.ask(["ip", "-j", "neigh", "show", "dev", lan]));
  const leased = leases ? parseLeases((await reader.run(["cat", leases])).stdout) : [];
  const asked = parseFingerprints(dhcpFingerprints ? (await reader.run(["tail", "-n", "1000", dhcpFingerprints])).stdout : "");
  const macs = [...new Set([...neighbours, ...leased].map(({ mac }) => mac))].sort();
  return macs.map((mac): Client => {
    const own = neighbours.filter((one) => one.mac === mac);
    const lease = leased.find((one) => one.mac === mac);
    const addresses = [...new Set([...own.map(({ address }) => address), ...(lease ? [lease.address] : [])])];
    const ipv4 = addresses.find((address) => !address.includes(":"));
    const ipv6 = addresses.filter((address) => address.includes(":"));
    return {
      mac,
      ...(ipv4 ? { ipv4 } : {}),
      ...(ipv6.length > 0 ? { ipv6 } : {}),
      ...(lease?.hostname ? { hostname: lease.hostname } : {}),
      ...(asked.has(mac) ? { dhcpFingerprint: asked.get(mac)! } : {}),
      connected: own.some(({ state }) => answering.has(state)),
    };
  });
}
