import type { Clock } from "@network-personas/engine/driver";
import { type Client, type Counters, MacAddress } from "@network-personas/engine/model";
import { z } from "zod";
import type { Reader } from "./reader.ts";
import { accounting, neighbours } from "./rights.ts";
import { ubusStatus } from "./ubus.ts";

const yes = z.boolean().catch(true);
const Stations = z.object({ clients: z.record(z.string(), z.object({ assoc: yes, authorized: yes })).default({}) });
const Accounting = z.object({ columns: z.array(z.string()), data: z.array(z.array(z.union([z.string(), z.number(), z.null()]))) });
const Statistics = z.object({ statistics: z.object({ rx_bytes: z.number(), tx_bytes: z.number() }) });

/** Neighbour states of a host that answered lately. STALE may be hours old. */
const answering = new Set(["REACHABLE", "DELAY", "PROBE"]);

const macOf = (text: string): string | undefined => MacAddress.safeParse(text).data;

/** Everyone the router knows of; connected are those on its Wi-Fi and those that answered as neighbours, never a lease alone. */
export async function readClients(reader: Reader): Promise<Client[]> {
  const { hints, leases } = await reader.hosts();
  const stations = await readStations(reader);
  const seen = await readNeighbours(reader);
  const own = new Set((await reader.interfaces()).flatMap((i) => [...i["ipv4-address"], ...i["ipv6-address"]].map((a) => a.address)));

  const found = new Map<string, { addresses: Set<string>; hostname?: string }>();
  const of = (text: string) => {
    const mac = macOf(text);
    if (!mac) return undefined;
    const entry = found.get(mac) ?? { addresses: new Set<string>() };
    found.set(mac, entry);
    return entry;
  };
  for (const [mac, hint] of Object.entries(hints)) {
    const entry = of(mac);
    for (const address of [...hint.ipaddrs, ...hint.ip6addrs]) entry?.addresses.add(address);
    if (entry && hint.name) entry.hostname = hint.name;
  }
  for (const lease of leases) {
    const entry = of(lease.macaddr);
    if (entry && lease.ipaddr) entry.addresses.add(lease.ipaddr);
    if (entry && lease.hostname) entry.hostname = lease.hostname;
  }
  for (const mac of stations) of(mac);
  for (const { mac, address } of seen) of(mac)?.addresses.add(address);

  const present = new Set([...stations, ...seen.filter((n) => answering.has(n.state)).map((n) => n.mac)]);
  return [...found]
    .filter(([, { addresses }]) => ![...addresses].some((address) => own.has(address)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([mac, { addresses, hostname }]): Client => {
      const ipv4 = [...addresses].find((address) => !address.includes(":"));
      const ipv6 = [...addresses].filter((address) => address.includes(":"));
      return {
        mac,
        ...(ipv4 ? { ipv4 } : {}),
        ...(ipv6.length > 0 ? { ipv6 } : {}),
        ...(hostname ? { hostname } : {}),
        connected: present.has(mac),
        ...(stations.has(mac) ? { via: "wifi" as const } : {}),
      };
    });
}

/** MAC addresses of everyone the router knows of, by IP address. */
export async function readAddresses(reader: Reader): Promise<Map<string, string>> {
  const clients = await readClients(reader);
  return new Map(
    clients.flatMap(({ mac, ipv4, ipv6 = [] }) => [...(ipv4 ? [ipv4] : []), ...ipv6].map((address) => [address, mac] as const)),
  );
}

async function readStations(reader: Reader): Promise<Set<string>> {
  if (!(await reader.rights()).has("ubus", "hostapd.*", "get_clients")) return new Set();
  const radios = await reader.ubus.objects("hostapd.*");
  const replies = radios.length > 0 ? await reader.ubus.batch(radios.map((object) => ({ object, method: "get_clients" }))) : [];
  const clients = replies.flatMap((reply) =>
    reply.status === ubusStatus.ok ? Object.entries(Stations.safeParse(reply.data).data?.clients ?? {}) : [],
  );
  return new Set(clients.filter(([, station]) => station.assoc && station.authorized).flatMap(([mac]) => macOf(mac) ?? []));
}

async function readNeighbours(reader: Reader): Promise<{ mac: string; address: string; state: string }[]> {
  const lines: string[] = [];
  for (const family of [4, 6] as const) {
    if (await reader.may(neighbours(family))) lines.push(...((await reader.run(neighbours(family)))?.stdout.split("\n") ?? []));
  }
  return lines.flatMap((line) => {
    const match = /^(\S+) dev \S+ .*\blladdr (\S+)(?: router)?.* ([A-Z]+)\s*$/.exec(line);
    const mac = match && macOf(match[2]!);
    return match && mac ? [{ mac, address: match[1]!, state: match[3]! }] : [];
  });
}

/** Bytes per device as nlbwmon counts them; undefined when it is not installed or may not be asked. */
export async function readAccounting(reader: Reader): Promise<Map<string, { downBytes: number; upBytes: number }> | undefined> {
  if (!(await reader.may(accounting))) return undefined;
  const result = await reader.run(accounting);
  if (result?.code !== 0) return undefined;
  let table: z.infer<typeof Accounting> | undefined;
  try {
    table = Accounting.safeParse(JSON.parse(result.stdout)).data;
  } catch {
    return undefined;
  }
  if (!table) return undefined;
  const column = (name: string) => table.columns.indexOf(name);
  const [mac, rx, tx] = [column("mac"), column("rx_bytes"), column("tx_bytes")];
  const devices = new Map<string, { downBytes: number; upBytes: number }>();
  for (const row of table.data) {
    const key = macOf(String(row[mac]));
    // rx is what the host received.
    const bytes = { downBytes: Number(row[rx]), upBytes: Number(row[tx]) };
    if (!key || !Number.isFinite(bytes.downBytes) || !Number.isFinite(bytes.upBytes)) continue;
    const sum = devices.get(key) ?? { downBytes: 0, upBytes: 0 };
    devices.set(key, { downBytes: sum.downBytes + bytes.downBytes, upBytes: sum.upBytes + bytes.upBytes });
  }
  return devices;
}

/** What the line and, with nlbwmon, each device carried. What cannot be told is absent. */
export async function readCounters(reader: Reader, wanDevice: string | undefined, clock: Clock): Promise<Counters> {
  const at = new Date(clock.now()).toISOString();
  const devices = (await readAccounting(reader)) ?? new Map();
  const may = await reader.rights();
  if (!wanDevice || !may.has("ubus", "network.device", "status")) return { at, devices };
  const [reply] = await reader.ubus.batch([{ object: "network.device", method: "status", args: { name: wanDevice } }]);
  const statistics = reply!.status === ubusStatus.ok ? Statistics.safeParse(reply!.data).data?.statistics : undefined;
  return statistics ? { at, devices, wan: { downBytes: statistics.rx_bytes, upBytes: statistics.tx_bytes } } : { at, devices };
}
