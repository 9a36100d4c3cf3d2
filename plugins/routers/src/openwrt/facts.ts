import { type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { inOrder, type OwnSection, option, ownSections, type RawConfig, type RawSection } from "./sections.ts";
import type { Settings } from "./settings.ts";

/** VPN protocols of netifd; only interfaces of these are ever brought up or down. */
export const tunnelProtocols = [
  "wireguard",
  "amneziawg",
  "openvpn",
  "l2tp",
  "pptp",
  "sstp",
  "vpnc",
  "openconnect",
  "vpn",
  "xfrm",
  "zerotier",
];

export const Dump = z.object({
  interface: z.array(
    z.looseObject({
      interface: z.string(),
      up: z.boolean().default(false),
      proto: z.string().default(""),
      device: z.string().optional(),
      l3_device: z.string().optional(),
      "ipv4-address": z.array(z.object({ address: z.string() })).default([]),
      "ipv6-address": z.array(z.object({ address: z.string() })).default([]),
      route: z.array(z.looseObject({ target: z.string(), mask: z.number() })).default([]),
    }),
  ),
});
export type NetworkInterface = z.infer<typeof Dump>["interface"][number];

export interface Zone {
  name: string;
  networks: readonly string[];
  /** Traffic into it leaves the home. */
  outward: boolean;
}

/** What a plan is lowered with: everything about the router that is not ours. */
export interface Facts {
  zones: readonly Zone[];
  interfaces: readonly NetworkInterface[];
  /** Device of the line, or undefined when none could be found. */
  wanDevice: string | undefined;
  /** Devices of the LAN zone. */
  lanDevices: ReadonlySet<string>;
  /** Queueing disciplines sqm found usable; undefined when it cannot be read. */
  qdiscs: readonly string[] | undefined;
  /** sqm-scripts is there and may be configured. */
  shaping: boolean;
  /** An enabled sqm queue on the WAN device that is not ours. */
  foreignQueue: string | undefined;
  offloading: boolean;
  /** Addresses per MAC, as far as the router knows them. */
  addresses: ReadonlyMap<string, readonly string[]>;
  tunnels: readonly string[];
}

/** The router's own configuration as it was read. */
export interface RawFacts {
  dump: z.infer<typeof Dump>;
  firewall: z.infer<typeof RawConfig>;
  /** undefined: sqm-scripts is not installed, or may not be read. */
  sqm: z.infer<typeof RawConfig> | undefined;
  qdiscs: readonly string[] | undefined;
  /** The account may write the configuration of sqm. */
  mayShape: boolean;
}

/** `addresses` per MAC address are needed to lower a plan only. */
export function understand(raw: RawFacts, settings: Settings, addresses: Facts["addresses"] = new Map()): Facts {
  const sections = inOrder(raw.firewall);
  const zones = sections
    .filter((s) => s[".type"] === "zone")
    .map((s) => {
      const name = option(s, "name") ?? s[".name"];
      return {
        name,
        networks: texts(s.network),
        outward: name === settings.wanZone || (option(s, "masq") === "1" && name !== settings.lanZone),
      };
    });
  const interfaces = raw.dump.interface;
  const networksOf = (zone: string) => zones.find((z) => z.name === zone)?.networks ?? [];
  const deviceOf = (i: NetworkInterface) => i.l3_device ?? i.device;
  const ofZone = (zone: string) => interfaces.filter((i) => networksOf(zone).includes(i.interface));
  const wan =
    ofZone(settings.wanZone).find((i) => i.up) ??
    interfaces.find((i) => i.up && i.route.some((r) => r.target === "0.0.0.0" && r.mask === 0));
  const wanDevice = settings.wanDevice ?? (wan && deviceOf(wan));
  const defaults = sections.find((s) => s[".type"] === "defaults");
  return {
    zones,
    interfaces,
    wanDevice,
    lanDevices: new Set(ofZone(settings.lanZone).flatMap((i) => [i.device, i.l3_device].filter((d) => d !== undefined))),
    qdiscs: raw.qdiscs,
    shaping: raw.sqm !== undefined && raw.mayShape,
    foreignQueue: raw.sqm && inOrder(raw.sqm).find((s) => isForeignQueue(s, wanDevice))?.[".name"],
    offloading: defaults !== undefined && (option(defaults, "flow_offloading") === "1" || option(defaults, "flow_offloading_hw") === "1"),
    addresses,
    tunnels: interfaces.filter((i) => tunnelProtocols.includes(i.proto)).map((i) => i.interface),
  };
}

const isForeignQueue = (section: RawSection, device: string | undefined): boolean =>
  section[".type"] === "queue" &&
  !section[".name"].startsWith("np_") &&
  option(section, "enabled") === "1" &&
  option(section, "interface") === device;

export const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : typeof value === "string" ? value.split(/\s+/) : []).filter(
    (v): v is string => typeof v === "string" && v !== "",
  );

/** What is not ours and would defeat a plan. */
export function foreignFindings(facts: Facts): Sentence[] {
  const findings: Sentence[] = [];
  if (facts.foreignQueue) findings.push(sentence("sqmLeftAlone", { queue: facts.foreignQueue, device: facts.wanDevice ?? "" }));
  if (facts.offloading) findings.push(sentence("offloadSkips"));
  return findings;
}

export const ownOf = (raw: RawFacts): OwnSection[] => [
  ...ownSections("firewall", raw.firewall),
  ...(raw.sqm ? ownSections("sqm", raw.sqm) : []),
];
