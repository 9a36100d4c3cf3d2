import { createHash } from "node:crypto";
import type { DevicePlan } from "@network-personas/engine/model";
import { everyAddress, forAWhile, leaseList } from "./leases.ts";
import { type Thing, thing } from "./things.ts";
import { rosMac } from "./values.ts";

/** Both are always written, so that IPv6 is no way round. */
export const families = ["ip", "ipv6"] as const;
export type Family = (typeof families)[number];

/** Chains of ours: for what leaves the home, for what stays, for frames between ports, for questions for names. */
const chains = {
  out: "np-out",
  learn: "np-learn",
  local: "np-local",
  isolated: "np-isolated",
  bridge: "np-bridge",
  names: "np-names",
} as const;
/** Addresses of devices that nobody outside may reach, for good and as long as it is renewed; the router itself fills them. */
export const closedLists = { lasting: "np-closed", leased: "np-closed-lease" } as const;
export type ClosedList = keyof typeof closedLists;
export const isClosedList = (name: string | undefined): boolean => Object.values<string | undefined>(closedLists).includes(name);

type Props = Record<string, string>;
const refuse: Props = { action: "reject", "reject-with": "icmp-admin-prohibited" };
const onlyNew: Props = { "connection-state": "new" };

/** What leads into our chains. They stand before all rules of the owner; in them nothing is accepted, only refused or left to the owner. */
export function filterEntries(
  exits: readonly string[],
  needs: { out: boolean; closed: ReadonlySet<ClosedList>; isolated: boolean },
): Thing[] {
  return families.flatMap((family) => {
    const rule = (props: Props) => thing(`${family}/firewall/filter`, "@line/entry", props);
    const jump = (target: string, props: Props = {}) => rule({ chain: "forward", action: "jump", "jump-target": target, ...props });
    const closed = (exit: string, kind: ClosedList) =>
      rule({
        chain: "forward",
        action: "drop",
        "in-interface": exit,
        "dst-address-list": closedLists[kind],
        ...forAWhile(kind === "leased", onlyNew),
      });
    return [
      ...(needs.isolated
        ? [
            ...exits.map((exit) => rule({ chain: chains.local, action: "return", "out-interface": exit })),
            rule({ chain: chains.local, action: "jump", "jump-target": chains.isolated }),
          ]
        : []),
      ...(needs.closed.size > 0
        ? exits.flatMap((exit) => [
            jump(chains.learn, { "out-interface": exit }),
            ...[...needs.closed].sort().map((kind) => closed(exit, kind)),
          ])
        : []),
      ...(needs.out ? exits.map((exit) => jump(chains.out, { "out-interface": exit })) : []),
      ...(needs.isolated ? [jump(chains.local)] : []),
    ];
  });
}

/** An application as the firewall can tell it. */
export interface Told {
  ports: readonly { protocol: "tcp" | "udp"; range: string }[];
  /** Names in the greeting of TLS; `*.` stands for everything below. */
  names: readonly string[];
  /** List of addresses that the router looks up by name. */
  list?: string;
  /** What is said of it holds as long as it is renewed. */
  leased: boolean;
}

/** What one device may not do with the internet. */
export interface Restriction {
  device: DevicePlan;
  macs: readonly string[];
  blocked: readonly Told[];
  allowed: readonly Told[];
  /** That nothing but what is allowed may pass holds as long as it is renewed. */
  strictForAWhile: boolean;
}

export const restricts = ({ device, blocked }: Restriction): boolean =>
  device.blocked || device.firewall === "strict" || device.tunnel !== null || blocked.length > 0;

/**
 * A chain for one device, and what leads into it by its MAC addresses. The name of the chain tells what is in it: another restriction
 * is another chain, made first and then led into, so that there is never half of one.
 */
export function restrictionRules({ device, macs, blocked, allowed, strictForAWhile }: Restriction, lines: readonly string[]): Thing[] {
  const running: Props = device.cutEstablished ? {} : onlyNew;
  const portRules = (told: readonly Told[], props: Props) =>
    told.flatMap(({ ports, leased }) =>
      ports.map(({ protocol, range }): Props => forAWhile(leased, { protocol, "dst-port": range, ...props })),
    );
  const inner: Props[] = [
    // Out of the tunnel rather than past it.
    ...(device.tunnel === null ? [] : lines.map((line): Props => ({ "out-interface": line, ...refuse }))),
    ...(device.blocked ? [{ ...running, ...refuse }] : []),
    ...portRules(blocked, { ...running, ...refuse }),
    ...blocked.flatMap(({ names, leased }) =>
      names.map(
        (name): Props =>
          forAWhile(leased, { protocol: "tcp", "dst-port": "443", "tls-host": name, action: "reject", "reject-with": "tcp-reset" }),
      ),
    ),
    ...portRules(allowed, { ...onlyNew, action: "return" }),
    ...allowed.flatMap(({ list }) => (list ? [{ ...onlyNew, "dst-address-list": list, action: "return" }] : [])),
    ...(device.firewall === "strict" ? [forAWhile(strictForAWhile, { ...onlyNew, ...refuse })] : []),
  ];
  const unique = [...new Map(inner.map((props) => [JSON.stringify(props), props])).values()];
  const chain = `np-${device.device}-${createHash("sha256").update(JSON.stringify(unique)).digest("hex").slice(0, 8)}`;
  return families.flatMap((family) => {
    const rule = (props: Props) => thing(`${family}/firewall/filter`, `${device.device}/internet`, props);
    return [
      ...unique.map((props) => rule({ chain, ...props })),
      ...macs.map((mac) => rule({ chain: chains.out, action: "jump", "jump-target": chain, "src-mac-address": rosMac(mac) })),
    ];
  });
}

/** Addresses an application is known by, looked up by the router itself. */
export const addressLists = (list: string, names: readonly string[]): Thing[] =>
  families.flatMap((family) => names.map((address) => thing(`${family}/firewall/address-list`, list, { list, address })));

/** Nobody from outside reaches the addresses the device was seen with. */
export const closedRules = (device: string, macs: readonly string[], kind: ClosedList): Thing[] =>
  families.flatMap((family) =>
    macs.map((mac) =>
      thing(`${family}/firewall/filter`, `${device}/closed`, {
        chain: chains.learn,
        action: "add-src-to-address-list",
        "address-list": closedLists[kind],
        "address-list-timeout": "1d",
        "src-mac-address": rosMac(mac),
      }),
    ),
  );

/** What an isolated device says to other devices: over the router, and from port to port of a bridge, whose filter knows no address lists. */
export function isolationRules(device: string, macs: readonly string[], infrastructure: readonly string[], leased: boolean): Thing[] {
  const routed = families.flatMap((family) =>
    macs.map((mac) => {
      const props = { chain: chains.isolated, action: "drop", "src-mac-address": rosMac(mac) };
      return thing(`${family}/firewall/filter`, `${device}/isolated`, forAWhile(leased, props));
    }),
  );
  const frame = (props: Props) => thing("interface/bridge/filter", `${device}/isolated`, { chain: chains.isolated, ...props });
  const bridged = macs.flatMap((own) => {
    const mac = rosMac(own);
    return [
      ...infrastructure.flatMap((other) => [
        frame({ action: "return", "src-mac-address": mac, "dst-mac-address": rosMac(other) }),
        frame({ action: "return", "src-mac-address": rosMac(other), "dst-mac-address": mac }),
      ]),
      frame({ action: "drop", "src-mac-address": mac }),
      frame({ action: "drop", "dst-mac-address": mac }),
    ];
  });
  return [...routed, ...bridged];
}

/** ARP and DHCP always pass: without them an isolated device would not find the router either. */
export const bridgeEntry = (): Thing[] => {
  const rule = (props: Props) => thing("interface/bridge/filter", "@line/entry", props);
  return [
    rule({ chain: chains.bridge, action: "return", "mac-protocol": "arp" }),
    rule({ chain: chains.bridge, action: "return", "mac-protocol": "ip", "ip-protocol": "udp", "dst-port": "67-68" }),
    rule({ chain: chains.bridge, action: "jump", "jump-target": chains.isolated }),
    rule({ chain: "forward", action: "jump", "jump-target": chains.bridge }),
  ];
};

/** Questions for names of some devices go elsewhere, whatever resolver they ask in plain DNS. */
export const nameEntries = (): Thing[] =>
  families.flatMap((family) =>
    ["udp", "tcp"].map((protocol) =>
      thing(`${family}/firewall/nat`, "@line/names", {
        chain: "dstnat",
        action: "jump",
        "jump-target": chains.names,
        protocol,
        "dst-port": "53",
      }),
    ),
  );

/** Where questions for names are sent. */
export interface Resolver {
  ipv4: string;
  ipv6: string;
  /** As long as it is renewed; then the next one is asked. */
  leased: boolean;
}

export const nameRules = (device: string, macs: readonly string[], resolvers: readonly Resolver[]): Thing[] =>
  macs.flatMap((mac) =>
    resolvers.flatMap(({ ipv4, ipv6, leased }) => {
      const props = forAWhile(leased, { chain: chains.names, action: "dst-nat", "src-mac-address": rosMac(mac) });
      return [
        thing("ip/firewall/nat", `${device}/names`, { ...props, "to-addresses": ipv4 }),
        thing("ipv6/firewall/nat", `${device}/names`, { ...props, "to-address": `${ipv6}/128` }),
      ];
    }),
  );

/** What everything hangs on that holds as long as it is renewed. */
export const leaseEntries = (): Thing[] =>
  families.flatMap((family) =>
    everyAddress[family].map((address) => thing(`${family}/firewall/address-list`, "@line/lease", { list: leaseList, address })),
  );
