import { type Client, MacAddress } from "@network-personas/engine/model";
import { z } from "zod";

/** A device as the network map shows it; numbers and flags come as text, or not. What is neither is as good as missing. */
const text = z
  .union([z.string(), z.number(), z.boolean().transform(Number)])
  .transform(String)
  .nullish()
  .catch(undefined);
const Entry = z.object({
  mac: text,
  name: text,
  nickName: text,
  ip: text,
  isWL: text,
  isOnline: text,
  isGateway: text,
  amesh_isRe: text,
});
type Entry = z.infer<typeof Entry>;
const Node = z.object({ mac: z.string() });

export interface Seen extends Client {
  /** It carries the home network itself: the router, a mesh node. */
  infrastructure: boolean;
}

const macOf = (value: string | null | undefined): string | undefined => MacAddress.safeParse(value ?? "").data;

/** Devices of the network map. Entries that are none (a list of addresses, a version) are left out. */
export function readSeen(map: unknown): Seen[] {
  // Older firmware has a list of one map.
  const merged: Record<string, unknown> = Object.assign({}, ...[map].flat().filter((one) => typeof one === "object" && one !== null));
  const seen = new Map<string, Seen>();
  for (const [key, value] of Object.entries(merged)) {
    const entry = Entry.safeParse(value).data;
    const mac = macOf(entry?.mac) ?? macOf(key);
    if (entry && mac) seen.set(mac, seenOf(mac, entry));
  }
  return [...seen.values()].sort((a, b) => (a.mac < b.mac ? -1 : 1));
}

function seenOf(mac: string, entry: Entry): Seen {
  const name = (entry.nickName || entry.name || "").trim();
  const ipv4 = /^(\d{1,3}\.){3}\d{1,3}$/.test(entry.ip ?? "") ? entry.ip : undefined;
  return {
    mac,
    ...(ipv4 ? { ipv4 } : {}),
    ...(name ? { hostname: name } : {}),
    connected: entry.isOnline === "1",
    ...(entry.isWL ? { via: entry.isWL === "0" ? ("wired" as const) : ("wifi" as const) } : {}),
    infrastructure: entry.isGateway === "1" || entry.amesh_isRe === "1",
  };
}

export const clientsOf = (seen: readonly Seen[]): Client[] => seen.map(({ infrastructure: _, ...client }) => client);

/** Addresses of mesh nodes, which some firmware lists in a list of its own. */
export const nodeMacs = (list: unknown): string[] => [list].flat(3).flatMap((entry) => macOf(Node.safeParse(entry).data?.mac) ?? []);

/** What the line has carried, bytes: `{"INTERNET_rx":"0x1a2b","INTERNET_tx":…}`. */
export function lineBytes(netdev: unknown): { downBytes: number; upBytes: number } | undefined {
  const counted = typeof netdev === "object" && netdev !== null ? (netdev as Record<string, unknown>) : {};
  const bytes = (key: string) => {
    const value = counted[key];
    return typeof value === "string" && /^0x[0-9a-f]{1,13}$/i.test(value) ? Number(value) : undefined;
  };
  const [downBytes, upBytes] = [bytes("INTERNET_rx"), bytes("INTERNET_tx")];
  return downBytes === undefined || upBytes === undefined ? undefined : { downBytes, upBytes };
}
