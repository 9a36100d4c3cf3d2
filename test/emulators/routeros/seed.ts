import type { Row } from "./values.ts";

export interface Seed {
  /** As /system/resource shows it. */
  version?: string;
  /** "none": a RouterOS that does not know it. */
  deviceMode?: "advanced" | "home" | "none";
  /** Menus this RouterOS does not have. */
  missing?: readonly string[];
}

/** What a router has after its quick setup: the maker's firewall without FastTrack, one line, one bridge, a WireGuard client. */
export function defaults(): Record<string, Row[]> {
  const filter = (comment: string, row: Row): Row => ({ comment: `defconf: ${comment}`, ...row });
  const established = "established,related,untracked";
  return {
    interface: [
      {
        name: "ether1",
        type: "ether",
        "mac-address": "02:00:00:0B:0B:01",
        running: "true",
        disabled: "false",
        "rx-byte": "5000000",
        "tx-byte": "700000",
      },
      {
        name: "ether2",
        type: "ether",
        "mac-address": "02:00:00:0B:0B:02",
        running: "true",
        disabled: "false",
        "rx-byte": "0",
        "tx-byte": "0",
      },
      {
        name: "bridge",
        type: "bridge",
        "mac-address": "02:00:00:0B:0B:02",
        running: "true",
        disabled: "false",
        "rx-byte": "0",
        "tx-byte": "0",
      },
      { name: "wg0", type: "wg", running: "true", disabled: "false", "rx-byte": "0", "tx-byte": "0" },
    ],
    "interface/list": [{ name: "WAN" }, { name: "LAN" }],
    "interface/list/member": [
      { list: "WAN", interface: "ether1" },
      { list: "LAN", interface: "bridge" },
    ],
    "interface/bridge/port": [
      { bridge: "bridge", interface: "ether2", hw: "true", "hw-offload": "false" },
      { bridge: "bridge", interface: "wifi1", hw: "true", "hw-offload": "false" },
    ],
    "interface/wireguard": [{ name: "wg0", comment: "np:tunnel", disabled: "true", running: "false", "private-key": "not-to-be-shown" }],
    "routing/table": [{ name: "main", fib: "", dynamic: "true" }],
    "ip/route": [
      {
        "dst-address": "0.0.0.0/0",
        gateway: "203.0.113.1",
        "immediate-gw": "203.0.113.1%ether1",
        dynamic: "true",
        active: "true",
        distance: "1",
      },
      { "dst-address": "192.168.88.0/24", gateway: "bridge", "immediate-gw": "bridge", dynamic: "true", active: "true", distance: "0" },
    ],
    "ip/address": [{ address: "192.168.88.1/24", interface: "bridge" }],
    "queue/type": ["default", "default-small", "ethernet-default", "only-hardware-queue"].map((name) => ({
      name,
      kind: "pfifo",
      default: "true",
    })),
    "ip/firewall/filter": [
      { action: "passthrough", chain: "forward", comment: "special dummy rule to show fasttrack counters", dynamic: "true" },
      filter("accept established,related,untracked", { chain: "input", action: "accept", "connection-state": established }),
      filter("drop all not coming from LAN", { chain: "input", action: "drop", "in-interface-list": "!LAN" }),
      filter("accept established,related,untracked", { chain: "forward", action: "accept", "connection-state": established }),
      filter("drop invalid", { chain: "forward", action: "drop", "connection-state": "invalid" }),
      filter("drop all from WAN not DSTNATed", {
        chain: "forward",
        action: "drop",
        "connection-nat-state": "!dstnat",
        "connection-state": "new",
        "in-interface-list": "WAN",
      }),
      // The owner's own, with a name that looks a little like ours.
      { chain: "forward", action: "drop", "src-address": "192.168.88.200", comment: "np-lookalike" },
    ],
    "ipv6/firewall/filter": [
      filter("accept established,related,untracked", { chain: "forward", action: "accept", "connection-state": established }),
      filter("drop everything else not coming from LAN", { chain: "forward", action: "drop", "in-interface-list": "!LAN" }),
    ],
    "ip/firewall/nat": [
      filter("masquerade", { chain: "srcnat", action: "masquerade", "out-interface-list": "WAN", "ipsec-policy": "out,none" }),
      { chain: "dstnat", action: "dst-nat", protocol: "tcp", "dst-port": "8080", "to-addresses": "192.168.88.50", comment: "web server" },
    ],
    "ip/firewall/address-list": [{ list: "friends", address: "198.51.100.7" }],
    "user/group": [
      { name: "full", policy: "local,telnet,ssh,ftp,reboot,read,write,policy,test,winbox,password,web,sniff,sensitive,api,romon,rest-api" },
    ],
    user: [{ name: "admin", group: "full", address: "" }],
  };
}
