import type { Account, AclGroup } from "./sessions.ts";
import type { SeedSection } from "./uci.ts";

const rule = (options: SeedSection["options"]): SeedSection => ({ type: "rule", options });

/** /etc/config of a home router with a guest network and some rules of its own. */
export const homeConfig: Readonly<Record<string, readonly SeedSection[]>> = {
  firewall: [
    { type: "defaults", options: { syn_flood: "1", input: "REJECT", output: "ACCEPT", forward: "REJECT" } },
    { type: "zone", options: { name: "lan", network: ["lan"], input: "ACCEPT", output: "ACCEPT", forward: "ACCEPT" } },
    {
      type: "zone",
      options: { name: "wan", network: ["wan", "wan6"], input: "REJECT", output: "ACCEPT", forward: "DROP", masq: "1", mtu_fix: "1" },
    },
    { type: "forwarding", options: { src: "lan", dest: "wan" } },
    rule({ name: "Allow-DHCP-Renew", src: "wan", proto: "udp", dest_port: "68", target: "ACCEPT", family: "ipv4" }),
    rule({ name: "Allow-Ping", src: "wan", proto: "icmp", icmp_type: "echo-request", family: "ipv4", target: "ACCEPT" }),
    rule({ name: "Allow-IGMP", src: "wan", proto: "igmp", family: "ipv4", target: "ACCEPT" }),
    rule({ name: "Allow-DHCPv6", src: "wan", proto: "udp", dest_port: "546", family: "ipv6", target: "ACCEPT" }),
    rule({
      name: "Allow-MLD",
      src: "wan",
      proto: "icmp",
      src_ip: "fe80::/10",
      icmp_type: ["130/0", "131/0", "132/0", "143/0"],
      family: "ipv6",
      target: "ACCEPT",
    }),
    rule({
      name: "Allow-ICMPv6-Input",
      src: "wan",
      proto: "icmp",
      icmp_type: [
        "echo-request",
        "echo-reply",
        "destination-unreachable",
        "packet-too-big",
        "time-exceeded",
        "bad-header",
        "unknown-header-type",
        "router-solicitation",
        "neighbour-solicitation",
        "router-advertisement",
        "neighbour-advertisement",
      ],
      limit: "1000/sec",
      family: "ipv6",
      target: "ACCEPT",
    }),
    rule({
      name: "Allow-ICMPv6-Forward",
      src: "wan",
      dest: "*",
      proto: "icmp",
      icmp_type: [
        "echo-request",
        "echo-reply",
        "destination-unreachable",
        "packet-too-big",
        "time-exceeded",
        "bad-header",
        "unknown-header-type",
      ],
      limit: "1000/sec",
      family: "ipv6",
      target: "ACCEPT",
    }),
    rule({ name: "Allow-IPSec-ESP", src: "wan", dest: "lan", proto: "esp", target: "ACCEPT" }),
    rule({ name: "Allow-ISAKMP", src: "wan", dest: "lan", dest_port: "500", proto: "udp", target: "ACCEPT" }),
    { type: "zone", name: "guest", options: { name: "guest", network: ["guest"], input: "REJECT", output: "ACCEPT", forward: "REJECT" } },
    { type: "forwarding", name: "guest_wan", options: { src: "guest", dest: "wan" } },
    {
      type: "redirect",
      name: "console_game",
      options: {
        name: "Console-game-port",
        src: "wan",
        src_dport: "3074",
        dest: "lan",
        dest_ip: "192.168.1.50",
        dest_port: "3074",
        proto: "udp",
        target: "DNAT",
        enabled: "0",
      },
    },
    {
      type: "rule",
      name: "kids_tablet_block",
      options: {
        name: "Block-kids-tablet",
        src: "lan",
        dest: "wan",
        src_mac: "02:00:00:00:00:42",
        proto: "all",
        target: "REJECT",
        enabled: "0",
      },
    },
  ],
  sqm: [
    {
      type: "queue",
      name: "eth1",
      options: {
        enabled: "0",
        interface: "eth1",
        download: "85000",
        upload: "10000",
        qdisc: "pfifo",
        script: "simplest.qos",
        qdisc_advanced: "0",
        ingress_ecn: "ECN",
        egress_ecn: "ECN",
        qdisc_really_really_advanced: "0",
        itarget: "auto",
        etarget: "auto",
        linklayer: "none",
      },
    },
  ],
  network: [
    { type: "interface", name: "loopback", options: { device: "lo", proto: "static" } },
    { type: "interface", name: "lan", options: { device: "br-lan", proto: "static", ipaddr: "192.168.1.1" } },
    { type: "interface", name: "wan", options: { device: "eth1", proto: "static" } },
  ],
  dhcp: [{ type: "dhcp", name: "lan", options: { interface: "lan", start: "100", limit: "150", leasetime: "12h" } }],
  luci: [
    {
      type: "core",
      name: "main",
      options: { lang: "auto", mediaurlbase: "/luci-static/bootstrap", resourcebase: "/luci-static/resources", ubuspath: "/ubus/" },
    },
  ],
  rpcd: [],
  uhttpd: [],
  wireless: [],
  system: [{ type: "system", options: { hostname: "OpenWrt" } }],
};

/** Groups beside the one under test: an administrator who may do everything. */
export const administratorGroups: Readonly<Record<string, AclGroup>> = {
  superuser: {
    read: { ubus: { "*": ["*"] }, uci: ["*"], file: { "*": ["*"] } },
    write: { ubus: { "*": ["*"] }, uci: ["*"], file: { "*": ["*"] } },
  },
};
export const administrator: Account = { username: "super", password: "super-pw", read: ["superuser"], write: ["superuser"] };
