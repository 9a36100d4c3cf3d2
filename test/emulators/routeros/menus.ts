import {
  address,
  duration,
  flag,
  listOf,
  mac,
  maskedMac,
  negatable,
  networkOrName,
  number,
  oneOf,
  ports,
  prefix6,
  Refused,
  type Row,
  rate,
  ref,
  switchOnly,
  text,
  type Value,
} from "./values.ts";

export interface MenuSpec {
  /** Arguments it takes, as the router's own command tree lists them; the values those of ours need. */
  args: Readonly<Record<string, Value>>;
  required?: readonly string[];
  /** What is shown of arguments that were not given. */
  defaults?: Row;
  /** Rules are looked at in their order. */
  ordered?: boolean;
  /** What names are called when two are the same. */
  unique?: string;
  /** No two objects have the same of these. */
  together?: readonly string[];
  /** @throws Refused when arguments do not go together */
  check?(row: Row): void;
  /** Nothing can be added or changed by hand. */
  readOnly?: boolean;
}

const iface = negatable(ref("interface"));
const common = { comment: text, disabled: flag };
const off = { disabled: "false", dynamic: "false", invalid: "false" };
const counted = { bytes: "0", packets: "0" };

const protocols = ["tcp", "udp", "icmp", "icmpv6", "gre", "ipsec-esp", "udp-lite", "sctp", "dccp"];
const matchers = (family: 4 | 6) => ({
  chain: text,
  "jump-target": text,
  "connection-state": listOf("established", "invalid", "new", "related", "untracked"),
  "connection-mark": text,
  "packet-mark": text,
  "routing-mark": text,
  "in-interface": iface,
  "out-interface": iface,
  "in-interface-list": negatable(ref("interface/list")),
  "out-interface-list": negatable(ref("interface/list")),
  "src-mac-address": mac,
  "src-address": negatable(address(family)),
  "dst-address": negatable(address(family)),
  "src-address-list": text,
  "dst-address-list": text,
  "src-address-type": listOf("local", "unicast", "broadcast", "multicast"),
  "dst-address-type": listOf("local", "unicast", "broadcast", "multicast"),
  protocol: negatable(oneOf(...protocols)),
  "dst-port": negatable(ports),
  "src-port": negatable(ports),
  dscp: number(0, 63),
  log: flag,
  "log-prefix": text,
});
const outputs = { "address-list": text, "address-list-timeout": duration };

/** What goes together in every kind of rule. */
function checkRule(row: Row): void {
  const { chain, action = "accept", protocol } = row;
  if ((row["dst-port"] || row["src-port"]) && !["tcp", "udp", "udp-lite", "sctp", "dccp"].includes(protocol ?? ""))
    throw new Refused("failure: ports can be specified if proto is 6 tcp, 17 udp, 33 dccp, 132 sctp or 136 udp-lite");
  if (row["tls-host"] && protocol !== "tcp") throw new Refused("failure: tls-host can be specified if proto is 6 tcp");
  if (row["reject-with"] === "tcp-reset" && protocol !== "tcp") throw new Refused("failure: reject-with tcp-reset is for proto 6 tcp");
  if (action === "jump" && !row["jump-target"]) throw new Refused("failure: jump-target must be specified");
  if (action.endsWith("address-list") && !row["address-list"]) throw new Refused("failure: address-list must be specified");
  if (["input", "prerouting", "dstnat"].includes(chain!) && (row["out-interface"] || row["out-interface-list"]))
    throw new Refused("failure: outgoing interface matching not possible in input and prerouting chains");
  if (["output", "postrouting", "srcnat"].includes(chain!) && (row["in-interface"] || row["in-interface-list"]))
    throw new Refused("failure: incoming interface matching not possible in output and postrouting chains");
  if (["output", "postrouting", "srcnat"].includes(chain!) && row["src-mac-address"])
    throw new Refused("failure: source mac address matching not possible in output and postrouting chains");
  for (const mark of ["new-connection-mark", "new-packet-mark", "new-routing-mark", "new-dscp"]) {
    const wanted = {
      "new-connection-mark": "mark-connection",
      "new-packet-mark": "mark-packet",
      "new-routing-mark": "mark-routing",
      "new-dscp": "change-dscp",
    }[mark];
    if (action === wanted && row[mark] === undefined) throw new Refused(`failure: ${mark} must be specified`);
    if (action !== wanted && row[mark] !== undefined) throw new Refused(`failure: ${mark} is for action=${wanted}`);
  }
  if (action === "mark-routing" && ["forward", "postrouting", "input"].includes(chain!))
    throw new Refused("failure: mark-routing is for prerouting and output chains");
}

const filter = (family: 4 | 6): MenuSpec => ({
  args: {
    ...common,
    ...matchers(family),
    ...outputs,
    action: oneOf(
      "accept",
      "add-dst-to-address-list",
      "add-src-to-address-list",
      "drop",
      "fasttrack-connection",
      "jump",
      "log",
      "passthrough",
      "reject",
      "return",
      ...(family === 4 ? ["tarpit"] : []),
    ),
    "connection-nat-state": listOf("srcnat", "dstnat"),
    "ipsec-policy": text,
    "tls-host": text,
    "reject-with": oneOf(
      "icmp-admin-prohibited",
      "icmp-port-unreachable",
      "tcp-reset",
      ...(family === 4
        ? ["icmp-host-prohibited", "icmp-host-unreachable", "icmp-net-prohibited", "icmp-network-unreachable", "icmp-protocol-unreachable"]
        : ["icmp-address-unreachable", "icmp-no-route", "icmp-not-neighbour"]),
    ),
  },
  required: ["chain"],
  defaults: { action: "accept", ...off, ...counted, log: "false", "log-prefix": "" },
  ordered: true,
  check: checkRule,
});
const mangle = (family: 4 | 6): MenuSpec => ({
  args: {
    ...common,
    ...matchers(family),
    ...outputs,
    action: oneOf(
      "accept",
      "add-dst-to-address-list",
      "add-src-to-address-list",
      "change-dscp",
      "change-mss",
      "jump",
      "log",
      "mark-connection",
      "mark-packet",
      "mark-routing",
      "passthrough",
      "return",
      "set-priority",
    ),
    "new-connection-mark": text,
    "new-packet-mark": text,
    "new-routing-mark": ref("routing/table"),
    "new-dscp": number(0, 63),
    "new-priority": text,
    "tls-host": text,
    passthrough: flag,
  },
  required: ["chain"],
  defaults: { action: "accept", ...off, ...counted, log: "false", "log-prefix": "" },
  ordered: true,
  check: checkRule,
});
const nat = (family: 4 | 6): MenuSpec => ({
  args: {
    ...common,
    ...matchers(family),
    ...outputs,
    action: oneOf("accept", "dst-nat", "jump", "log", "masquerade", "netmap", "passthrough", "redirect", "return", "src-nat"),
    ...(family === 4 ? { "to-addresses": address(4), "connection-type": text } : { "to-address": prefix6 }),
    "ipsec-policy": text,
    "to-ports": ports,
  },
  required: ["chain"],
  defaults: { action: "accept", ...off, ...counted, log: "false", "log-prefix": "" },
  ordered: true,
  check(row) {
    checkRule(row);
    if (family === 4 && row["connection-state"] !== undefined) throw new Refused("unknown parameter connection-state");
    if (row.action === "masquerade" && row.chain === "dstnat") throw new Refused("failure: masquerade is for srcnat chain");
    if (row.action === "dst-nat" && row.chain === "srcnat") throw new Refused("failure: dst-nat is for dstnat chain");
  },
});
const addressList = (family: 4 | 6): MenuSpec => ({
  args: { ...common, list: text, address: networkOrName(family), timeout: duration, dynamic: flag },
  required: ["list", "address"],
  together: ["list", "address"],
  defaults: { disabled: "false", dynamic: "false" },
  check(row) {
    if (row.list === "") throw new Refused("invalid value for argument list");
  },
});
const route = (family: 4 | 6): MenuSpec => ({
  args: {
    ...common,
    "dst-address": address(family),
    gateway: (value, name, names) =>
      names.of("interface").includes(value) ? value : address(family)(value.replace(/%.*$/, ""), name, names) && value,
    "routing-table": ref("routing/table", "main"),
    distance: number(1, 255),
    scope: number(0, 255),
    "target-scope": number(0, 255),
    blackhole: switchOnly,
    "check-gateway": text,
  },
  defaults: { disabled: "false", dynamic: "false", "routing-table": "main", distance: "1", active: "true" },
});

/** Menus and the arguments they take: those of the router's own command tree, 7.9 to 7.22. */
export const specs: Readonly<Record<string, MenuSpec>> = {
  interface: { args: { ...common, name: text }, readOnly: true },
  "interface/list": { args: { ...common, name: text }, unique: "list" },
  "interface/list/member": { args: { ...common, list: text, interface: iface } },
  "interface/bridge/port": { args: { ...common, bridge: text, interface: iface, hw: flag }, defaults: off },
  "interface/bridge/host": { args: {}, readOnly: true },
  "interface/bridge/filter": {
    args: {
      ...common,
      chain: text,
      action: oneOf("accept", "drop", "jump", "log", "mark-packet", "passthrough", "return", "set-priority"),
      "jump-target": text,
      "src-mac-address": maskedMac,
      "dst-mac-address": maskedMac,
      "mac-protocol": oneOf("ip", "arp", "ipv6", "vlan", "pppoe", "ipx", "802.2"),
      "ip-protocol": oneOf(...protocols),
      "dst-port": ports,
      "src-port": ports,
      "in-bridge": text,
    },
    required: ["chain"],
    defaults: { action: "accept", ...off, ...counted, log: "false", "log-prefix": "" },
    ordered: true,
    check(row) {
      if (row["ip-protocol"] && row["mac-protocol"] !== "ip") throw new Refused("failure: ip-protocol is for mac-protocol ip");
      if (row["dst-port"] && !["tcp", "udp"].includes(row["ip-protocol"] ?? "")) throw new Refused("failure: ports are for tcp and udp");
      if (row.action === "jump" && !row["jump-target"]) throw new Refused("failure: jump-target must be specified");
    },
  },
  "interface/wireguard": {
    args: { ...common, name: text, mtu: number(1, 65_535), "listen-port": number(0, 65_535), "private-key": text },
    unique: "interface",
    defaults: { disabled: "false", running: "true" },
  },
  "interface/ethernet/switch": { args: { comment: text, name: text, "l3-hw-offloading": flag } },
  "interface/wifi/registration-table": { args: {}, readOnly: true },
  "interface/wireless/registration-table": { args: {}, readOnly: true },
  "ip/address": { args: { ...common, address: address(4), interface: iface }, defaults: off },
  "ipv6/address": { args: { ...common, address: address(6), interface: iface, advertise: flag }, defaults: off },
  "ip/arp": { args: { ...common, address: address(4), "mac-address": mac, interface: iface } },
  "ipv6/neighbor": { args: {}, readOnly: true },
  "ip/dhcp-server/lease": {
    args: { ...common, address: address(4), "mac-address": mac, server: text },
    defaults: { disabled: "false", blocked: "false" },
  },
  "ip/kid-control/device": { args: {}, readOnly: true },
  "ip/firewall/connection": { args: {}, readOnly: true },
  "ipv6/firewall/connection": { args: {}, readOnly: true },
  "ip/firewall/filter": filter(4),
  "ipv6/firewall/filter": filter(6),
  "ip/firewall/mangle": mangle(4),
  "ipv6/firewall/mangle": mangle(6),
  "ip/firewall/nat": nat(4),
  "ipv6/firewall/nat": nat(6),
  "ip/firewall/address-list": addressList(4),
  "ipv6/firewall/address-list": addressList(6),
  "ip/route": route(4),
  "ipv6/route": route(6),
  "routing/table": {
    args: { ...common, name: text, fib: switchOnly },
    required: ["name"],
    unique: "routing table",
    defaults: { disabled: "false", dynamic: "false", invalid: "false" },
  },
  "queue/simple": {
    args: { ...common, name: text, target: text, "max-limit": text, "limit-at": text, priority: text, queue: text, parent: text },
    unique: "queue",
    defaults: off,
  },
  "queue/tree": {
    args: {
      ...common,
      name: text,
      parent: ref("queue/tree", "global"),
      "packet-mark": text,
      "limit-at": rate,
      "max-limit": rate,
      "burst-limit": rate,
      "burst-threshold": rate,
      "burst-time": duration,
      "bucket-size": text,
      priority: number(1, 8),
      queue: ref("queue/type"),
    },
    required: ["parent"],
    unique: "queue",
    defaults: {
      ...off,
      ...counted,
      "packet-mark": "",
      "limit-at": "0",
      "max-limit": "0",
      priority: "8",
      queue: "default-small",
      "bucket-size": "0.1",
      "burst-limit": "0",
      "burst-threshold": "0",
      "burst-time": "0s",
      rate: "0",
      dropped: "0",
    },
    check(row) {
      if (Number(row["max-limit"]) > 0 && Number(row["limit-at"]) > Number(row["max-limit"]))
        throw new Refused("failure: limit-at must not be more than max-limit");
    },
  },
  "queue/type": {
    args: {
      name: text,
      kind: oneOf("bfifo", "cake", "codel", "fq-codel", "mq-pfifo", "none", "pcq", "pfifo", "red", "sfq"),
      "fq-codel-target": duration,
      "fq-codel-interval": duration,
      "fq-codel-limit": number(1, 4_294_967_295),
      "fq-codel-ecn": flag,
      "pfifo-limit": number(1, 4_294_967_295),
    },
    required: ["name", "kind"],
    unique: "queue type",
    defaults: { default: "false" },
  },
  "system/scheduler": {
    args: {
      ...common,
      name: text,
      interval: duration,
      "on-event": text,
      policy: listOf("ftp", "reboot", "read", "write", "policy", "test", "password", "sniff", "sensitive", "romon", "dude"),
      "start-date": text,
      "start-time": text,
    },
    required: ["on-event"],
    unique: "scheduler",
    defaults: { disabled: "false", interval: "0s", "run-count": "0" },
  },
  user: { args: { ...common, name: text, group: text, address: text, password: text }, unique: "user", defaults: { disabled: "false" } },
  "user/group": { args: { comment: text, name: text, policy: text }, unique: "group" },
};

/** Menus that hold one object. */
export const singletons: readonly string[] = ["system/resource", "system/identity", "system/device-mode"];
