import type { Client, Home } from "../model/index.ts";
import { bareHostname, isRandomised } from "./presence.ts";

/** What each MAC address last asked a DHCP server for. */
export type Asked = ReadonlyMap<string, string>;

/** Devices of the home that have asked for just this. Two of one model do. */
export const devicesThatAsked = (fingerprint: string, asked: Asked, home: Home): string[] =>
  home.devices.filter(({ macs }) => macs.some((mac) => asked.get(mac) === fingerprint)).map(({ id }) => id);

/**
 * Devices a client may be that comes with a made-up address nobody listed and with no name that tells it: all that asked for the same.
 * More than one: it cannot be told which. None when the only one is here already, for then it is another of that model.
 */
export function mayBe(client: Client, clients: readonly Client[], asked: Asked, home: Home): string[] {
  const { mac, hostname, dhcpFingerprint } = client;
  const name = bareHostname(hostname);
  const isTold = home.devices.some((device) => device.macs.includes(mac) || (name && bareHostname(device.knownByHostname) === name));
  if (dhcpFingerprint === undefined || !isRandomised(mac) || isTold) return [];
  const found = devicesThatAsked(dhcpFingerprint, asked, home);
  const [only] = home.devices.filter(({ id }) => id === found[0]);
  if (found.length === 1 && (only!.infrastructure || isHere(only!.macs, clients))) return [];
  return found;
}

/** Whether one of these addresses is on the network now. */
export const isHere = (macs: readonly string[], clients: readonly Client[]): boolean =>
  clients.some(({ mac, connected }) => connected && macs.includes(mac));
