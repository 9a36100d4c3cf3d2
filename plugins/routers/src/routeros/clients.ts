import { type Client, MacAddress } from "@network-personas/engine/model";
import { ownMacs } from "./look.ts";
import type { Rest } from "./rest.ts";
import { isTrue, type Row } from "./values.ts";

/** Lists of Wi-Fi clients, newest driver first; a router has one or two of them. */
const registrations = [
  "interface/wifi/registration-table",
  "interface/wifiwave2/registration-table",
  "interface/wireless/registration-table",
  "caps-man/registration-table",
];
/** States of a neighbour that answered lately. Stale may be hours old. */
const answering = new Set(["reachable", "delay", "probe", "permanent"]);

export const macOf = (text: string | undefined): string | undefined => MacAddress.safeParse(text?.toLowerCase().replaceAll("-", ":")).data;
/** Objects by their MAC address; those without one are left out. */
export const byMac = (rows: readonly Row[]): [string, Row][] =>
  rows.flatMap((row): [string, Row][] => {
    const mac = macOf(row["mac-address"] || row["active-mac-address"]);
    return mac ? [[mac, row]] : [];
  });

/** Addresses in the home by MAC address, of both families. */
export async function neighbours(rest: Rest, wan: string | undefined): Promise<{ mac: string; address: string; answers: boolean }[]> {
  const arp = await rest.list("ip/arp", ["address", "mac-address", "interface", "status", "complete", "disabled"]);
  const v6 = (await rest.listIfAny("ipv6/neighbor", ["address", "mac-address", "interface", "status"])) ?? [];
  return byMac([...arp, ...v6])
    .filter(([, row]) => row.interface !== wan && row.address && !isTrue(row.disabled))
    .map(([mac, row]) => ({ mac, address: row.address!, answers: answering.has(row.status ?? "") }));
}

/** Everyone the router knows of; connected are those at its Wi-Fi, behind a port of its bridges, or answering: never a lease alone. */
export async function readClients(rest: Rest, line: string | undefined): Promise<Client[]> {
  const leases =
    (await rest.listIfAny("ip/dhcp-server/lease", [
      "mac-address",
      "active-mac-address",
      "address",
      "active-address",
      "host-name",
      "comment",
      "status",
      "disabled",
    ])) ?? [];
  const known = await neighbours(rest, line);
  const wifi = new Set<string>();
  for (const menu of registrations)
    for (const [mac] of byMac((await rest.listIfAny(menu, ["mac-address", "interface"])) ?? [])) wifi.add(mac);
  const hosts = (await rest.listIfAny("interface/bridge/host", ["mac-address", "on-interface", "local", "disabled"])) ?? [];
  const bridged = new Set(byMac(hosts.filter((host) => !isTrue(host.local) && !isTrue(host.disabled))).map(([mac]) => mac));
  const leased = new Map(byMac(leases.filter((lease) => !isTrue(lease.disabled))));
  const own = new Set((await ownMacs(rest)).map((mac) => mac.toLowerCase()));
  const macs = [...new Set([...leased.keys(), ...known.map(({ mac }) => mac), ...wifi, ...bridged])].filter((mac) => !own.has(mac)).sort();
  return macs.map((mac): Client => {
    const lease = leased.get(mac);
    const mine = known.filter((one) => one.mac === mac);
    const ipv4 = lease?.["active-address"] || mine.find(({ address }) => !address.includes(":"))?.address || lease?.address;
    const ipv6 = [...new Set(mine.map(({ address }) => address).filter((address) => address.includes(":")))];
    const hostname = lease?.["host-name"] || lease?.comment;
    const via = wifi.has(mac) ? ("wifi" as const) : bridged.has(mac) ? ("wired" as const) : undefined;
    return {
      mac,
      ...(ipv4 && /^[\d.]+$/.test(ipv4) ? { ipv4 } : {}),
      ...(ipv6.length > 0 ? { ipv6 } : {}),
      ...(hostname ? { hostname } : {}),
      connected: via !== undefined || mine.some(({ answers }) => answers),
      ...(via ? { via } : {}),
    };
  });
}
