/** How things of a menu are changed, so that the way back stays short. */
export type Kind =
  /** There once, and as long as something refers to it. */
  | "base"
  /** Changed in place: what waits in a queue is not lost. */
  | "patched"
  /** Made anew beside the old one, which is switched off until the change is confirmed. */
  | "replaced"
  /** Entries of a list, each there once and in no order: the router takes none twice, so only those that are missing are made. */
  | "listed";

interface Menu {
  kind: Kind;
  /** Everything that we ever write into it. */
  props: readonly string[];
  /** The chain of the owner in which ours must come first. */
  firstIn?: string;
}

const matchers = [
  "chain",
  "action",
  "jump-target",
  "connection-state",
  "connection-mark",
  "in-interface",
  "out-interface",
  "src-mac-address",
  "src-address-list",
  "dst-address-list",
  "protocol",
  "dst-port",
];
const filter: Menu = {
  kind: "replaced",
  firstIn: "forward",
  props: [...matchers, "tls-host", "reject-with", "address-list", "address-list-timeout"],
};
const mangle: Menu = {
  kind: "replaced",
  props: [
    ...matchers,
    "dst-address-type",
    "packet-mark",
    "new-connection-mark",
    "new-packet-mark",
    "new-routing-mark",
    "new-dscp",
    "passthrough",
  ],
};
const nat = (to: string): Menu => ({ kind: "replaced", firstIn: "dstnat", props: [...matchers, "src-address-type", to] });
const addressList: Menu = { kind: "listed", props: ["list", "address"] };
const route: Menu = { kind: "replaced", props: ["dst-address", "gateway", "routing-table"] };

/** Where things of ours are, in the order in which they are made; what refers to others comes after them. */
export const menus = {
  "queue/type": { kind: "base", props: ["name", "kind", "fq-codel-target"] },
  "routing/table": { kind: "base", props: ["name", "fib"] },
  "ip/route": route,
  "ipv6/route": route,
  "queue/tree": { kind: "patched", props: ["name", "parent", "packet-mark", "limit-at", "max-limit", "priority", "queue"] },
  "ip/firewall/address-list": addressList,
  "ipv6/firewall/address-list": addressList,
  "ip/firewall/nat": nat("to-addresses"),
  "ipv6/firewall/nat": nat("to-address"),
  "ip/firewall/mangle": mangle,
  "ipv6/firewall/mangle": mangle,
  "interface/bridge/filter": {
    kind: "replaced",
    firstIn: "forward",
    props: ["chain", "action", "jump-target", "src-mac-address", "dst-mac-address", "mac-protocol", "ip-protocol", "dst-port"],
  },
  "ip/firewall/filter": filter,
  "ipv6/firewall/filter": filter,
} as const satisfies Record<string, Menu>;

export type MenuName = keyof typeof menus;
export const menuNames = Object.keys(menus) as MenuName[];
export const menuOf = (name: MenuName): Menu => menus[name];

/** As the console writes it: "/ip firewall filter". */
export const consolePath = (menu: string): string => `/${menu.replaceAll("/", " ")}`;
