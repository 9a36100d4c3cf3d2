import { between, type Client, type Device, type Home, type Instant } from "../model/index.ts";
import { type Asked, devicesThatAsked, isHere } from "./dhcp-fingerprints.ts";
import { bareHostname, isRandomised } from "./presence.ts";

/** Made-up addresses that count as a device's, by address. `by`: the sign of it that its owner agreed to. */
export type PrivateMacs = Readonly<Record<string, { device: string; by: string; lastSeen: Instant }>>;

/** A device that was away for so long has made up another address by now. */
const forgetAfter = 30 * 24 * 60 * 60_000;
/** One device has an address for every network it knows, and a new one now and then. */
const mostOfOne = 8;

/** Something by which its owner wants a device to be known. */
interface Sign {
  by: string;
  /** Whether a client shows it; undefined when it shows neither that nor another. */
  shownBy(client: Client): boolean | undefined;
  /** It is shared by all of a model: while the device is here under another address, who shows it is another. */
  shared: boolean;
}

/**
 * Which made-up addresses are whose: those that call themselves as a device does, or whose name tells nobody and that ask a DHCP server
 * for what it asks for, each where its owner agreed by writing that down. Two at once with one sign are nobody's, for it cannot be told
 * which is meant; nor is one that asks for what two devices of the home ask for, or the device itself while it is here.
 */
export function privateMacsFrom(
  clients: readonly Client[],
  before: PrivateMacs,
  home: Home,
  at: Instant,
  asked: Asked = new Map(),
): PrivateMacs {
  const listed = new Set(home.devices.flatMap((device) => device.macs));
  const candidates = clients.filter(({ mac }) => isRandomised(mac) && !listed.has(mac));
  const next: Record<string, { device: string; by: string; lastSeen: Instant }> = {};
  for (const device of home.devices.filter(({ infrastructure }) => !infrastructure))
    for (const { by, shownBy, shared } of signsOf(device, home, asked)) {
      const own = [...device.macs, ...Object.keys(next).filter((mac) => next[mac]!.device === device.id)];
      if (shared && isHere(own, clients)) continue;
      const showing = candidates.filter((client) => shownBy(client));
      const here = showing.filter(({ connected }) => connected);
      if (here.length > 1) continue;
      // Somebody who comes with another sign now is somebody else.
      const others = new Set(candidates.filter((client) => shownBy(client) === false).map(({ mac }) => mac));
      const earlier = Object.entries(before).filter(
        ([mac, known]) =>
          known.device === device.id &&
          known.by === by &&
          !listed.has(mac) &&
          !others.has(mac) &&
          between(known.lastSeen, at) < forgetAfter,
      );
      const seen = (here.length > 0 ? here : showing.length === 1 ? showing : []).map(
        ({ mac }) => [mac, { device: device.id, by, lastSeen: at }] as const,
      );
      const kept = [...new Map([...earlier, ...seen])].sort(([, a], [, b]) => between(a.lastSeen, b.lastSeen));
      for (const [mac, known] of kept.slice(0, mostOfOne)) next[mac] ??= known;
    }
  return next;
}

function signsOf(device: Device, home: Home, asked: Asked): Sign[] {
  const name = bareHostname(device.knownByHostname);
  const fingerprint = device.knownByDhcpFingerprint;
  const names = new Set(home.devices.flatMap(({ knownByHostname }) => bareHostname(knownByHostname) ?? []));
  const signs: Sign[] = [];
  if (name)
    signs.push({
      by: `hostname ${name}`,
      shared: false,
      shownBy: ({ hostname }) => (hostname ? bareHostname(hostname) === name : undefined),
    });
  const askedByOthers = fingerprint !== undefined && devicesThatAsked(fingerprint, asked, home).some((id) => id !== device.id);
  if (fingerprint !== undefined && !askedByOthers)
    signs.push({
      by: `dhcp ${fingerprint}`,
      shared: true,
      shownBy({ hostname, dhcpFingerprint }) {
        const called = bareHostname(hostname);
        if (called && (name !== undefined || names.has(called))) return false;
        return dhcpFingerprint === undefined ? undefined : dhcpFingerprint === fingerprint;
      },
    });
  return signs;
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
