import { type Clock, Rejected } from "@network-personas/engine/driver";
import { type Client, type Counters, MacAddress } from "@network-personas/engine/model";
import { z } from "zod";
import type { UnifiApi } from "./api.ts";

// Databases that went through many versions: what is no number or text is as good as missing.
const bytes = z.number().nonnegative().optional().catch(undefined);
const word = z.string().optional().catch(undefined);
const Station = z.object({
  mac: z.string(),
  ip: word,
  hostname: word,
  name: word,
  is_wired: z.boolean().catch(false),
  last_seen: z.number().positive().max(4e9).optional().catch(undefined),
  rx_bytes: bytes,
  tx_bytes: bytes,
  "wired-rx_bytes": bytes,
  "wired-tx_bytes": bytes,
});
type Station = z.infer<typeof Station>;

const Site = z.object({ id: z.string(), internalReference: word, name: word });
const OfficialClient = z.object({ type: z.string(), name: word, macAddress: word, ipAddress: word });

/** Seconds after which a station that was not seen is gone, as long as the console lists it. */
const gone = 300;

const macOf = (text: string | undefined): string | undefined => MacAddress.safeParse(text?.toLowerCase().replaceAll("-", ":")).data;

/** Entries that are not what is expected are left out: one odd device must not hide the others. */
const valid = <T>(schema: z.ZodType<T>, entries: readonly unknown[]): T[] => entries.flatMap((entry) => schema.safeParse(entry).data ?? []);

async function stations(api: UnifiApi): Promise<Map<string, Station>> {
  return new Map(
    valid(Station, await api.v1("stat/sta")).flatMap((station) => (macOf(station.mac) ? [[macOf(station.mac)!, station]] : [])),
  );
}

/** Who is here, as the Network application lists it. */
export async function readClients(api: UnifiApi, clock: Clock): Promise<Client[]> {
  const found = await stations(api);
  const newest = Math.max(0, ...[...found.values()].map((station) => station.last_seen ?? 0));
  const now = clock.now() / 1000;
  // A console whose clock is wrong is compared with itself.
  const reference = Math.abs(now - newest) < 3600 ? now : newest;
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([mac, station]) => ({
      mac,
      ...addresses(station.ip),
      ...named(station.name || station.hostname),
      connected: reference - (station.last_seen ?? reference) < gone,
      ...(station.last_seen === undefined ? {} : { lastSeen: new Date(station.last_seen * 1000).toISOString() }),
      via: station.is_wired ? ("wired" as const) : ("wifi" as const),
    }));
}

/** Who is here, as the official API lists it: connected clients only. */
export async function readOfficialClients(api: UnifiApi, { site, router }: { site: string; router: string }): Promise<Client[]> {
  const sites = valid(Site, await api.official("sites"));
  // Network 9.0 tells no short names.
  const id = (sites.find((one) => one.internalReference === site) ?? (sites.length === 1 ? sites[0] : undefined))?.id;
  if (id === undefined) throw new Rejected(`the key of the official API sees no site "${site}"`, { router, request: "official API sites" });
  const found = new Map<string, Client>();
  for (const client of valid(OfficialClient, await api.official(`sites/${id}/clients`))) {
    const mac = macOf(client.macAddress);
    if (!mac) continue;
    const via = client.type === "WIRED" ? ("wired" as const) : client.type === "WIRELESS" ? ("wifi" as const) : undefined;
    found.set(mac, { mac, ...addresses(client.ipAddress), ...named(client.name), connected: true, ...(via ? { via } : {}) });
  }
  return [...found.values()].sort((a, b) => (a.mac < b.mac ? -1 : 1));
}

/** What each station carried since it connected. UniFi counts from the side of access point and switch: rx is what a client sent. */
export async function readCounters(api: UnifiApi, clock: Clock): Promise<Counters> {
  const devices = new Map<string, { downBytes: number; upBytes: number }>();
  for (const [mac, station] of await stations(api)) {
    const up = (station.is_wired ? station["wired-rx_bytes"] : undefined) ?? station.rx_bytes;
    const down = (station.is_wired ? station["wired-tx_bytes"] : undefined) ?? station.tx_bytes;
    if (up !== undefined && down !== undefined) devices.set(mac, { downBytes: down, upBytes: up });
  }
  return { at: new Date(clock.now()).toISOString(), devices };
}

const addresses = (text: string | undefined) => (text && /^(\d{1,3}\.){3}\d{1,3}$/.test(text) ? { ipv4: text } : {});
const named = (name: string | undefined) => (name ? { hostname: name } : {});
