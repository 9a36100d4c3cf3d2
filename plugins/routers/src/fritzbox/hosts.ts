import type { Client } from "@network-personas/engine/model";
import { MacAddress } from "@network-personas/engine/model";
import { all, parseXml, textOf } from "./xml.ts";

/** The two things FRITZ!OS lets us decide about a device. */
export const bits = ["blocked", "priority"] as const;
export type Bit = (typeof bits)[number];

/** A bit of a device that is set. */
export interface Mark {
  mac: string;
  bit: Bit;
}
export const idOf = ({ mac, bit }: Mark): string => `${mac} ${bit}`;
export const sorted = (marks: readonly Mark[]): Mark[] => [...marks].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
export const without = (marks: readonly Mark[], others: readonly Mark[]): Mark[] => {
  const ids = new Set(others.map(idOf));
  return marks.filter((mark) => !ids.has(idOf(mark)));
};

/** A device as the FRITZ!Box lists it. */
export interface Host {
  mac: string;
  name: string;
  /** "" while it has none. */
  ipv4: string;
  active: boolean;
  via: Client["via"];
  /** Model of the vendor's own devices: repeaters, telephones. */
  model: string;
  /** Whether it may really reach the internet; "" where the firmware does not say. */
  access: string;
  blocked: boolean;
  priority: boolean;
  /** It is the one that asks: us. */
  asking: boolean;
}

/** Reads the list of hosts the box keeps. Entries without a MAC address (VPN users) are left out; of two with the same one the active counts. */
export function readHosts(text: string, where: { router: string; request: string }): Host[] {
  const hosts = new Map<string, Host>();
  for (const item of all(parseXml(text, where), "Item")) {
    const mac = MacAddress.safeParse(textOf(item, "MACAddress").toLowerCase()).data;
    if (!mac) continue;
    const flag = (name: string) => textOf(item, name) === "1";
    const type = textOf(item, "InterfaceType");
    const host: Host = {
      mac,
      name: textOf(item, "X_AVM-DE_FriendlyName") || textOf(item, "HostName"),
      ipv4: textOf(item, "IPAddress"),
      active: flag("Active"),
      via: type === "802.11" ? "wifi" : type === "" ? undefined : "wired",
      model: textOf(item, "X_AVM-DE_Model"),
      access: textOf(item, "X_AVM-DE_WANAccess"),
      blocked: flag("X_AVM-DE_Disallow"),
      priority: flag("X_AVM-DE_Priority"),
      asking: flag("X_AVM-DE_RequestClient"),
    };
    if (!hosts.get(mac)?.active) hosts.set(mac, host);
  }
  return [...hosts.values()].sort((a, b) => (a.mac < b.mac ? -1 : 1));
}

/** Bits that are set, whoever set them. */
export const marksOf = (hosts: readonly Host[]): Mark[] =>
  hosts.flatMap((host) => bits.filter((bit) => host[bit]).map((bit) => ({ mac: host.mac, bit })));

/**
 * The address by which FRITZ!OS is told of a device: undefined when it has none, or when it belongs to another device by now
 * (devices that are away keep their last one in the list).
 */
export function addressOf(host: Host, hosts: readonly Host[]): string | undefined {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(host.ipv4)) return undefined;
  const rivals = hosts.filter((other) => other.ipv4 === host.ipv4 && other.mac !== host.mac);
  return rivals.some((other) => other.active || !host.active) ? undefined : host.ipv4;
}

/** Devices that carry the home network itself: the box, its repeaters, and whoever asks. */
export const infrastructure = (hosts: readonly Host[], routerHost: string): Host[] =>
  hosts.filter((host) => host.asking || host.ipv4 === routerHost || /^FRITZ!(Box|Repeater|Powerline|WLAN)/i.test(host.model));

export const clientsOf = (hosts: readonly Host[]): Client[] =>
  hosts.map(({ mac, ipv4, name, active, via }) => ({
    mac,
    ...(ipv4 ? { ipv4 } : {}),
    ...(name ? { hostname: name } : {}),
    connected: active,
    ...(via ? { via } : {}),
  }));
