import { type Client, type Counters, MacAddress } from "@network-personas/engine/model";
import type { Look } from "./look.ts";
import type { Rest } from "./rest.ts";
import { count, isTrue, type Row } from "./values.ts";

/** Lists of Wi-Fi clients, newest driver first; a router has one or two of them. */
const registrations = [
  "interface/wifi/registration-table",
  "interface/wifiwave2/registration-table",
  "interface/wireless/registration-table",
  "caps-man/registration-table",
];
/** States of a neighbour that answered lately. Stale may be hours old. */
const answering = new Set(["reachable", "delay", "probe", "permanent"]);

const macOf = (text: string | undefined): string | undefined => MacAddress.safeParse(text?.toLowerCase().replaceAll("-", ":")).data;
const byMac = (rows: readonly Row[]): [string, Row][] =>
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
export async function readClients(rest: Rest, look: Pick<Look, "wan" | "ownMacs">): Promise<Client[]> {
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
  const known = await neighbours(rest, look.wan);
  const wifi = new Set<string>();
  for (const menu of registrations)
    for (const [mac] of byMac((await rest.listIfAny(menu, ["mac-address", "interface"])) ?? [])) wifi.add(mac);
  const hosts = (await rest.listIfAny("interface/bridge/host", ["mac-address", "on-interface", "local", "disabled"])) ?? [];
  const bridged = new Set(byMac(hosts.filter((host) => !isTrue(host.local) && !isTrue(host.disabled))).map(([mac]) => mac));
  const leased = new Map(byMac(leases.filter((lease) => !isTrue(lease.disabled))));
  const own = new Set(look.ownMacs.map((mac) => mac.toLowerCase()));
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

/** What devices carried: kid-control counts everyone when it is used at all, else our own queues count those of the plan. */
export async function readCounters(rest: Rest, look: Look, now: number): Promise<Counters> {
  const devices = await kidControl(rest);
  const line = look.wan === undefined ? [] : await rest.list("interface", ["rx-byte", "tx-byte"], { name: look.wan });
  return {
    at: new Date(now).toISOString(),
    devices: devices.size > 0 ? devices : await queueCounters(rest, look),
    ...(line[0] ? { wan: { downBytes: count(line[0]["rx-byte"]), upBytes: count(line[0]["tx-byte"]) } } : {}),
  };
}

/** Several addresses of one device are one entry each. */
async function kidControl(rest: Rest): Promise<Map<string, { downBytes: number; upBytes: number }>> {
  const rows = (await rest.listIfAny("ip/kid-control/device", ["mac-address", "bytes-down", "bytes-up"])) ?? [];
  const devices = new Map<string, { downBytes: number; upBytes: number }>();
  for (const [mac, row] of byMac(rows)) {
    const { downBytes, upBytes } = devices.get(mac) ?? { downBytes: 0, upBytes: 0 };
    devices.set(mac, { downBytes: downBytes + count(row["bytes-down"]), upBytes: upBytes + count(row["bytes-up"]) });
  }
  return devices;
}

/** Bytes of the queues of each device, under the first of its MAC addresses. */
async function queueCounters(rest: Rest, look: Look): Promise<Map<string, { downBytes: number; upBytes: number }>> {
  const rows = await rest.list("queue/tree", ["name", "bytes", "comment", "disabled"]);
  const bytes = new Map(rows.filter((row) => !isTrue(row.disabled)).map((row) => [row.name ?? "", count(row.bytes)]));
  const devices = new Map<string, { downBytes: number; upBytes: number }>();
  const seen = new Set<string>();
  for (const { menu, group, props, disabled } of look.found) {
    const [device, part] = group.split("/");
    const mac = macOf(props["src-mac-address"]);
    if (menu !== "ip/firewall/mangle" || part !== "mark" || disabled || !mac || seen.has(device!)) continue;
    seen.add(device!);
    const [down, up] = [bytes.get(`np-down.${device}`), bytes.get(`np-up.${device}`)];
    if (down !== undefined && up !== undefined) devices.set(mac, { downBytes: down, upBytes: up });
  }
  return devices;
}
