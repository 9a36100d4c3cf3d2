import { between, type Client, type Home, type Instant } from "../model/index.ts";
import { isRandomised } from "./presence.ts";

/** Made-up addresses that count as a device's, by address. */
export type PrivateMacs = Readonly<Record<string, { device: string; lastSeen: Instant }>>;

/** A device that was away for so long has made up another address by now. */
const forgetAfter = 30 * 24 * 60 * 60_000;
/** One device has an address for every network it knows, and a new one now and then. */
const mostOfOne = 8;

const bare = (hostname: string | undefined): string | undefined => hostname?.toLowerCase().split(".")[0];

/**
 * Which made-up addresses are whose: those that call themselves as a device does, where its owner agreed by writing that name down.
 * Two at once under one name are nobody's, for it cannot be told which is meant.
 */
export function privateMacsFrom(clients: readonly Client[], before: PrivateMacs, home: Home, at: Instant): PrivateMacs {
  const listed = new Set(home.devices.flatMap((device) => device.macs));
  const candidates = clients.filter(({ mac }) => isRandomised(mac) && !listed.has(mac));
  const next: Record<string, { device: string; lastSeen: Instant }> = {};
  for (const { id, knownByHostname, infrastructure } of home.devices) {
    const name = bare(knownByHostname);
    if (!name || infrastructure) continue;
    const called = candidates.filter(({ hostname }) => bare(hostname) === name);
    const here = called.filter(({ connected }) => connected);
    if (here.length > 1) continue;
    // Somebody who comes under another name now is somebody else.
    const others = new Set(candidates.filter(({ hostname }) => hostname && bare(hostname) !== name).map(({ mac }) => mac));
    const earlier = Object.entries(before).filter(
      ([mac, known]) => known.device === id && !listed.has(mac) && !others.has(mac) && between(known.lastSeen, at) < forgetAfter,
    );
    const seen = (here.length > 0 ? here : called.length === 1 ? called : []).map(
      ({ mac }) => [mac, { device: id, lastSeen: at }] as const,
    );
    const kept = [...new Map([...earlier, ...seen])].sort(([, a], [, b]) => between(a.lastSeen, b.lastSeen));
    for (const [mac, known] of kept.slice(0, mostOfOne)) next[mac] = known;
  }
  return next;
}

/** The home with these addresses as its devices' own. */
export function withPrivateMacs(home: Home, macs: PrivateMacs): Home {
  const of = Map.groupBy(Object.entries(macs), ([, { device }]) => device);
  if (of.size === 0) return home;
  return {
    ...home,
    devices: home.devices.map((device) => {
      const more = of.get(device.id);
      return more ? { ...device, macs: [...device.macs, ...more.map(([mac]) => mac).sort()] } : device;
    }),
  };
}
