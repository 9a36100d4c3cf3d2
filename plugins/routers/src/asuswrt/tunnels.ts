import { type Sentence, type SentenceKey, sentence } from "@network-personas/engine/model";
import { type Row, rowsOf, tag } from "./lists.ts";
import { directorList, isMerlin, type Nvram } from "./nvram.ts";

const units = [1, 2, 3, 4, 5] as const;
/** What is asked about VPN clients of Asuswrt-Merlin; nothing of it is secret. */
export const tunnelVariables = [
  "dhcp_static_x",
  "dhcp_staticlist",
  "vpn_clientx_eas",
  ...units.flatMap((unit) => ["enable", "enforce", "dns"].map((part) => `wgc${unit}_${part}`)),
  ...units.flatMap((unit) => ["rgw", "enforce", "adns"].map((part) => `vpn_client${unit}_${part}`)),
];

/** Whether the firmware has VPN Director, which came with 386.3. */
export const hasDirector = (nvram: Nvram): boolean =>
  isMerlin(nvram) && (nvram.firmver === "3.0.0.6" || Number.parseFloat(nvram.buildno ?? "") >= 386.3);

/** A rule of VPN Director that is ours: `1>np alice-laptop>192.168.50.21>>WGC1`. */
export const isOurRule = ({ fields }: Row): boolean => fields.length >= 5 && fields[1]?.startsWith(tag) === true;

export interface Tunnels {
  /** Why no device can be sent through any. */
  why: Sentence | undefined;
  /** Name of a plan's tunnel to VPN Director's name for it. */
  usable: ReadonlyMap<string, string>;
  /** VPN clients that would let traffic pass by, and how. */
  leaking: ReadonlyMap<string, Sentence>;
  /** Reserved IPv4 addresses by MAC address. */
  reserved: ReadonlyMap<string, string>;
  /** Addresses the owner has rules for. */
  theirs: ReadonlySet<string>;
}

/** Which VPN clients a device can be sent through with nothing passing by. Pure. */
export function tunnelsOf(nvram: Nvram, ipv6: boolean): Tunnels {
  const usable = new Map<string, string>();
  const leaking = new Map<string, Sentence>();
  const started = (nvram.vpn_clientx_eas ?? "").split(",");
  const offer = (name: string, page: string, conditions: Partial<Record<SentenceKey, boolean>>) => {
    const missing = (Object.keys(conditions) as SentenceKey[]).find((condition) => !conditions[condition]);
    if (missing === undefined) usable.set(name, name.toUpperCase());
    else leaking.set(name, sentence("setUnderClient", { missing: sentence(missing), page }));
  };
  for (const unit of units) {
    if (nvram[`wgc${unit}_enable`] === "1")
      offer(`wgc${unit}`, "WireGuard", {
        killSwitchOff: nvram[`wgc${unit}_enforce`] === "1",
        dnsNotOnly: (nvram[`wgc${unit}_dns`] ?? "") !== "",
      });
    if (started.includes(String(unit)))
      offer(`ovpn${unit}`, "OpenVPN", {
        deafToDirector: nvram[`vpn_client${unit}_rgw`] === "2",
        killSwitchOff: nvram[`vpn_client${unit}_enforce`] === "1",
        dnsNotOnly: nvram[`vpn_client${unit}_adns`] === "3",
      });
  }
  const rules = nvram[directorList];
  return {
    why: rules === undefined ? sentence("noVpnDirector") : ipv6 ? sentence("directorIpv6") : undefined,
    usable,
    leaking,
    reserved: nvram.dhcp_static_x === "1" ? reservations(nvram.dhcp_staticlist ?? "") : new Map(),
    theirs: new Set(
      rowsOf(rules ?? "")
        .filter((row) => !isOurRule(row))
        .map((row) => row.fields[2] ?? ""),
    ),
  };
}

const reservations = (list: string): Map<string, string> =>
  new Map(
    rowsOf(list)
      .filter(({ fields }) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(fields[0] ?? "") && /^(\d{1,3}\.){3}\d{1,3}$/.test(fields[1] ?? ""))
      .map(({ fields }) => [fields[0]!.toLowerCase(), fields[1]!]),
  );
