import type { RouterTime } from "../shared/time.ts";
import type { AgentProcess } from "./agent.ts";
import { type Attempt, longestComment, passes, type Rendered, render } from "./firewall.ts";
import { homeConfig } from "./seed.ts";
import { type Account, type AclGroup, Sessions } from "./sessions.ts";
import { reloadDelay, Sqm } from "./sqm.ts";
import { type SeedSection, UciStore } from "./uci.ts";
import { UciObject } from "./uci-object.ts";

export interface Interface {
  name: string;
  device: string;
  proto: string;
  up: boolean;
  /** "192.168.1.1" or with its mask "127.0.0.1/8"; 24 when absent. */
  addresses: readonly string[];
  defaultRoute?: boolean;
}
export interface Lease {
  macaddr: string;
  ipaddr: string;
  hostname?: string;
  expires: number | false;
}
export interface Neighbour {
  mac: string;
  address: string;
  state: "REACHABLE" | "STALE" | "DELAY" | "PROBE" | "FAILED";
}
/** A tracked connection: once established it outlives new rules until its entry is deleted. */
export interface TrackedFlow {
  id: number;
  mac: string;
  address: string;
  port: number;
  /** TCP when absent. */
  protocol?: "tcp" | "udp";
  /** What it carried, seen from the device. */
  counted?: { up: Counted; down: Counted };
}
interface Counted {
  packets: number;
  bytes: number;
}

export interface RouterSeed {
  uci?: Readonly<Record<string, readonly SeedSection[]>>;
  groups: Readonly<Record<string, AclGroup>>;
  accounts: readonly Account[];
  interfaces?: readonly Interface[];
  /** What sqm-scripts found usable in the kernel. */
  qdiscs?: readonly string[];
  missingPrograms?: readonly string[];
  /** Our own agent is installed. */
  agent?: AgentProcess;
  /** Time in which logins grow idle; the router's own when absent. */
  idleClock?: () => number;
}

/** procd and rpcd reload the ruleset this long after the delay. */
const firewallTakes = 150;

/** Everything behind the web server: configuration, services, kernel state, clients. */
export class OpenWrtRouter {
  readonly time: RouterTime;
  readonly sessions: Sessions;
  readonly store: UciStore;
  readonly uci: UciObject;
  readonly sqm: Sqm;
  readonly interfaces: Interface[];
  readonly devices = new Map<string, Record<string, unknown> & { macaddr: string; statistics: { rx_bytes: number; tx_bytes: number } }>();
  readonly leases: Lease[] = [];
  readonly neighbours: Neighbour[] = [];
  readonly accessPoints = new Map<string, Map<string, { rx: number; tx: number }>>();
  readonly files = new Map<string, string>();
  readonly missingPrograms: Set<string>;
  agent: AgentProcess | undefined;
  /** Bytes per MAC as nlbwmon counts them; undefined when it is not installed. */
  accounting: Map<string, { rx: number; tx: number }> | undefined;
  /** A file in /etc/nftables.d that nft cannot read: it refuses the whole ruleset. */
  brokenDropIn = false;
  /** net.netfilter.nf_conntrack_acct, which OpenWrt turns on. */
  counting = true;
  qdiscs: readonly string[];
  liveFirewall: Rendered;
  writes = 0;
  readonly board = {
    kernel: "6.6.73",
    hostname: "OpenWrt",
    system: "ARMv8 Processor rev 4",
    model: "Emulated Router",
    board_name: "emulated,router",
    release: {
      distribution: "OpenWrt",
      version: "24.10.0",
      revision: "r28427-6df0e3d02a",
      target: "mediatek/filogic",
      description: "OpenWrt 24.10.0 r28427-6df0e3d02a",
    },
  };
  #flows: TrackedFlow[] = [];
  #flowIds = 0;
  #cancelFirewall = () => {};

  constructor(seed: RouterSeed, time: RouterTime) {
    this.time = time;
    this.store = new UciStore(seed.uci ?? homeConfig);
    this.sessions = new Sessions(seed.idleClock ?? time.now, seed.groups, seed.accounts);
    this.sessions.onEnd = (token) => this.store.dropDelta(token);
    this.interfaces = (seed.interfaces ?? [...homeInterfaces, tunnel]).map((i) => ({ ...i }));
    for (const [index, { device }] of this.interfaces.entries()) {
      this.devices.set(device, {
        macaddr: `0a:00:00:00:00:${(index + 1).toString(16).padStart(2, "0")}`,
        statistics: { rx_bytes: 0, tx_bytes: 0 },
      });
    }
    this.qdiscs = seed.qdiscs ?? ["fq_codel", "codel", "pie", "sfq", "cake"];
    this.agent = seed.agent;
    this.missingPrograms = new Set(seed.missingPrograms);
    this.sqm = new Sqm(
      time,
      () => this.store.file("sqm"),
      () => this.qdiscs,
    );
    this.uci = new UciObject({ store: this.store, time, sessions: this.sessions, changed: (config) => this.#configChanged(config) });
    this.liveFirewall = this.renderFirewall();
    this.sqm.start();
  }

  countWrite(): void {
    this.writes++;
  }

  #configChanged(config: string): void {
    if (config === "sqm") this.sqm.changed();
    if (config !== "firewall") return;
    this.#cancelFirewall();
    this.#cancelFirewall = this.time.after(reloadDelay + firewallTakes, () => this.loadFirewall());
  }

  renderFirewall(): Rendered {
    return render(this.store.file("firewall")!, (network) => this.interfaces.find((i) => i.name === network)?.device);
  }
  /** Why nft would refuse a ruleset, or undefined. */
  firewallProblem(rendered: Rendered): string | undefined {
    if (this.brokenDropIn) return "syntax error, unexpected !, expecting newline or semicolon";
    const long = rendered.rules.find((rule) => rule.comment.length > longestComment);
    return long ? `comment too long, ${longestComment} characters maximum allowed` : undefined;
  }
  /** One transaction: with an error anywhere nothing changes, and nobody is told. */
  loadFirewall(): void {
    const rendered = this.renderFirewall();
    if (!this.firewallProblem(rendered)) this.liveFirewall = rendered;
  }

  describe(i: Interface): Record<string, unknown> {
    const none = { "ipv4-address": [], "ipv6-address": [], route: [], "dns-server": [], "dns-search": [], neighbors: [] };
    const addresses = i.addresses.map((text) => ({ address: addressOf(text), mask: Number(text.split("/")[1] ?? 24) }));
    return {
      interface: i.name,
      up: i.up,
      pending: false,
      available: true,
      autostart: true,
      dynamic: false,
      ...(i.up ? { uptime: 156, l3_device: i.device, updated: i.defaultRoute ? ["addresses", "routes"] : ["addresses"] } : {}),
      proto: i.proto,
      device: i.device,
      metric: 0,
      dns_metric: 0,
      delegation: true,
      ...none,
      ...(i.up ? { "ipv4-address": addresses } : {}),
      "ipv6-prefix": [],
      "ipv6-prefix-assignment": [],
      route: i.defaultRoute && i.up ? [{ target: "0.0.0.0", mask: 0, nexthop: "10.64.0.1", source: "0.0.0.0/0" }] : [],
      inactive: none,
      data: {},
    };
  }

  /** Devices sqm can run on. */
  shapable(): string[] {
    return [...new Set([...this.interfaces.map((i) => i.device).filter((d) => d !== "lo"), ...this.sqm.live.keys()])];
  }

  hostHints(): Record<string, unknown> {
    const hints: Record<string, { ipaddrs: string[]; ip6addrs: string[]; name?: string }> = {};
    const hint = (mac: string) => {
      const key = mac.toUpperCase();
      hints[key] ??= { ipaddrs: [], ip6addrs: [] };
      return hints[key];
    };
    for (const { mac, address } of this.neighbours) {
      const known = address.includes(":") ? hint(mac).ip6addrs : hint(mac).ipaddrs;
      if (!known.includes(address)) known.push(address);
    }
    for (const lease of this.leases) {
      const known = hint(lease.macaddr);
      if (!known.ipaddrs.includes(lease.ipaddr)) known.ipaddrs.push(lease.ipaddr);
      if (lease.hostname) known.name = lease.hostname;
    }
    for (const i of this.interfaces) {
      const device = this.devices.get(i.device);
      // A tunnel has no MAC address to be known by.
      if (device && i.up && i.device !== "lo" && i.proto !== "wireguard") hint(device.macaddr).ipaddrs.push(...i.addresses.map(addressOf));
    }
    return hints;
  }

  folders(): Record<string, readonly string[]> {
    const installed = this.store.file("sqm") !== undefined;
    return {
      "/etc/config": this.store.names(),
      "/etc": ["config"],
      ...(installed
        ? {
            "/var/run/sqm/available_qdiscs": this.qdiscs,
            "/usr/lib/sqm": ["layer_cake.qos", "piece_of_cake.qos", "simple.qos", "simplest.qos", "simplest_tbf.qos"],
          }
        : {}),
    };
  }

  /** Tries a new connection; when the rules let it through it is tracked. */
  connect(attempt: Attempt & { address: string }): TrackedFlow | undefined {
    if (!passes(this.liveFirewall, attempt)) return undefined;
    const { mac, address, port = 443, protocol } = attempt;
    const flow: TrackedFlow = { id: ++this.#flowIds, mac, address, port, ...(protocol ? { protocol } : {}) };
    this.#flows.push(flow);
    return flow;
  }
  get flows(): readonly TrackedFlow[] {
    return this.#flows;
  }
  flowAlive(flow: TrackedFlow): boolean {
    return this.#flows.some((f) => f.id === flow.id);
  }
  cutFlows(source: string): number {
    const before = this.#flows.length;
    this.#flows = this.#flows.filter((flow) => flow.address !== source);
    return before - this.#flows.length;
  }

  /** `service rpcd restart`: tokens and timers are gone, files stay. */
  restartRpcd(): void {
    this.uci.forgetPending();
    this.sessions.clear();
  }
  /** Power off and on: what is on disk is loaded. */
  reboot(): void {
    this.restartRpcd();
    this.agent?.reboot();
    this.#flows = [];
    for (const device of this.devices.values()) device.statistics = { rx_bytes: 0, tx_bytes: 0 };
    this.loadFirewall();
    this.sqm.live.clear();
    this.sqm.start();
  }
}

const addressOf = (text: string): string => text.split("/")[0]!;

/** The networks of a home, without a tunnel. */
export const homeInterfaces: readonly Interface[] = [
  { name: "guest", device: "br-guest", proto: "static", up: true, addresses: ["192.168.3.1"] },
  { name: "lan", device: "br-lan", proto: "static", up: true, addresses: ["192.168.1.1"] },
  { name: "loopback", device: "lo", proto: "static", up: true, addresses: ["127.0.0.1/8"] },
  { name: "wan", device: "eth1", proto: "static", up: true, addresses: ["10.64.0.2"], defaultRoute: true },
];
const tunnel: Interface = { name: "wg0", device: "wg0", proto: "wireguard", up: false, addresses: ["10.99.0.2"] };
