import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sampleMacs } from "@network-personas/engine/testing";
import type { Abilities, Order } from "./agent.ts";
import { type LinuxRig, linuxRig, sampleTunnel } from "./linux-rig.ts";
import { Namespaces, overruns, run } from "./namespace.ts";

/** A thousand numbered packets a second, until told to stop: how many went, and what came back of them. */
const count = `
const [host] = process.argv.slice(1);
const udp = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
let [sent, got, newest, reordered] = [0, 0, -1, 0];
udp.on("message", (packet) => {
  const n = packet.readUInt32BE();
  got++;
  if (n < newest) reordered++;
  newest = Math.max(newest, n);
});
const began = performance.now();
const timer = setInterval(() => {
  for (; sent < performance.now() - began; sent++) {
    const packet = Buffer.alloc(100);
    packet.writeUInt32BE(sent);
    udp.send(packet, 7, host);
  }
}, 1);
process.stdout.write("started");
process.stdin.once("data", () => {
  clearInterval(timer);
  setTimeout(() => process.stdout.write(JSON.stringify({ sent, lost: sent - got, reordered }), () => process.exit()), 300);
});
`;

/** Fills the line in both directions: what goes to the server comes back. */
const load = `
const [host, port] = process.argv.slice(1);
for (let i = 0; i < 4; i++) {
  const socket = require("node:net").connect({ host, port: Number(port) });
  const chunk = Buffer.alloc(65536);
  const fill = () => { while (socket.write(chunk)); };
  socket.on("connect", fill).on("drain", fill).on("data", () => {}).on("error", () => {});
}
process.stdout.write("started");
`;

/** How long what is not renewed stays, seconds. */
export const leaseOfRig = 6;
/** Where the server is, by family. */
export const far = { ipv4: "203.0.113.9", ipv6: "2001:db8:9::9" } as const;
/** Filtering resolvers of the rig's router, which are at the server's too. */
export const filtering = { ipv4: "203.0.113.53", ipv6: "2001:db8:9::53" } as const;
/** Who knows names in the rig, and where its zoom.us is; the router knows nothing by itself. */
export const resolver = { ipv4: "203.0.113.54", ipv6: "2001:db8:9::54" } as const;
export const zoom = { ipv4: "203.0.113.77", ipv6: "2001:db8:9::77" } as const;
/** Where the tunnel leads: a network of its own with its resolver, and a server that is nowhere else. */
export const beyondTunnel = { ipv4: "198.51.100.9", ipv6: "2001:db8:51::9" } as const;
export const families = ["ipv4", "ipv6"] as const;
export type Family = (typeof families)[number];

/** Somebody in a namespace who does what is asked. */
class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #last = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", ({ id, value }: { id: number; value: unknown }) => {
      this.#waiting.get(id)?.(value);
      this.#waiting.delete(id);
    });
  }
  static async start(namespace: string, addresses: readonly string[]): Promise<Agent> {
    const program = fileURLToPath(new URL("./agent.ts", import.meta.url));
    const child = spawn("ip", ["netns", "exec", namespace, process.execPath, program, ...addresses], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await once(child, "message");
    return new Agent(child);
  }
  does<What extends keyof Abilities>(what: What, ...args: Parameters<Abilities[What]>): ReturnType<Abilities[What]> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(++this.#last, resolve);
    this.#child.send({ id: this.#last, what, args } satisfies Order);
    return promise as ReturnType<Abilities[What]>;
  }
  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

export interface Probed {
  sent: number;
  lost: number;
  reordered: number;
  overrun: number;
}

export interface Home extends LinuxRig {
  laptop: string;
  tv: string;
  server: string;
  /** Where packets come out of the tunnel. */
  exit: string;
  reaches(from: string, to: string, port?: number): Promise<boolean>;
  /** Who answers what is asked of a name server; "" when nobody does. */
  asks(from: string, to: string): Promise<string>;
  /** What a device learns for a name of the family when it insists on a resolver; "" when nothing. */
  resolves(from: string, resolver: string, name: string, family: Family): Promise<string>;
  /** How many of five datagrams of one flow a server echoed. */
  echoes(from: string, to: string, bytes: number): Promise<number>;
  /** Starts who knows names. */
  knowNames(): void;
  /** Sends a thousand packets a second until what it returns is called. `overrun`: got to either end, which was too busy to read it. */
  probe(from: string, to: string): Promise<() => Promise<Probed>>;
  /** Fills the line up and down until what it returns is called. */
  load(from: string, to: string): Promise<() => Promise<void>>;
  /** Opens a connection and returns a look at whether it goes on. */
  stays(from: string, to: string): Promise<() => Promise<boolean>>;
  /** Ends all such connections, and probes and loads that are left. */
  hangUp(): Promise<void>;
}

/** A device without addresses of its own kind, as a tunnel is: what one end sends is for the other. */
const tunnelEnd = "ip link set tun0 address 02:00:00:00:08:00 arp off up";

/**
 * A network card gives a flow to one processor. A veth gives every packet to the processor it happens to be sent from, whose queues
 * are emptied in any order: without this a few in ten thousand change places.
 */
const keepOrder = "for queue in /sys/class/net/*/queues/rx-*/rps_cpus; do echo 1 > $queue; done";

/** A home out of network namespaces: two devices at the bridge of a router, a server beyond its line, and a tunnel. */
export async function makeHome(): Promise<Home> {
  const namespaces = new Namespaces();
  const [router, laptop, tv, beyond, exit] = ["router", "laptop", "tv", "server", "exit"].map((part) => namespaces.add(part)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  run(
    router,
    `ip link add br-lan type bridge
ip link set br-lan address 0a:00:00:00:00:01 up
ip address add 192.168.1.1/24 dev br-lan
ip address add fd00::1/64 dev br-lan nodad
ip link add wan0 type veth peer name eth0 netns ${beyond}
ip address add 203.0.113.1/24 dev wan0
ip address add 2001:db8:9::1/64 dev wan0 nodad
ip link set wan0 up
ip link add tun0 type veth peer name tun0 netns ${exit}
${tunnelEnd}
ip address add 10.8.0.2/24 dev tun0
ip address add fd08::2/64 dev tun0 nodad
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.netfilter.nf_conntrack_acct=1`,
  );
  for (const [name, number, mac] of [
    [laptop, 11, sampleMacs.laptop],
    [tv, 31, sampleMacs.console],
  ] as const) {
    run(router, `ip link add port${number} type veth peer name eth0 netns ${name}; ip link set port${number} master br-lan up`);
    run(
      name,
      `ip link set eth0 address ${mac} up
ip address add 192.168.1.${number}/24 dev eth0
ip address add fd00::${number}/64 dev eth0 nodad
ip route add default via 192.168.1.1
ip -6 route add default via fd00::1`,
    );
  }
  run(
    beyond,
    `ip link set eth0 up
for a in ${far.ipv4} ${filtering.ipv4} ${resolver.ipv4} ${zoom.ipv4}; do ip address add $a/24 dev eth0; done
for a in ${far.ipv6} ${filtering.ipv6} ${resolver.ipv6} ${zoom.ipv6}; do ip address add $a/64 dev eth0 nodad; done
ip route add 192.168.1.0/24 via 203.0.113.1
ip -6 route add fd00::/64 via 2001:db8:9::1`,
  );
  run(
    exit,
    `${tunnelEnd}
for a in ${sampleTunnel.work.dns[0]}/24 ${beyondTunnel.ipv4}/32; do ip address add $a dev tun0; done
for a in ${sampleTunnel.work.dns[1]}/64 ${beyondTunnel.ipv6}/128; do ip address add $a dev tun0 nodad; done`,
  );
  for (const name of [router, laptop, tv, beyond, exit]) run(name, keepOrder);
  const children: ChildProcess[] = [];
  const start = async (namespace: string, script: string, ...args: string[]) => {
    const child = spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", script, "--", ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout!, "data");
    return child;
  };
  const agents = new Map<string, Agent>();
  await Promise.all(
    [
      { name: laptop, addresses: [] },
      { name: tv, addresses: [] },
      { name: beyond, addresses: [...Object.values(far), ...Object.values(filtering)] },
      { name: exit, addresses: sampleTunnel.work.dns },
    ].map(async ({ name, addresses }) => agents.set(name, await Agent.start(name, addresses))),
  );
  const at = (name: string) => agents.get(name)!;
  const dns = { malware: Object.values(filtering), router: Object.values(resolver) };
  const rig = await linuxRig({}, namespaces, router, { dns }, leaseOfRig, 10_000);
  return {
    ...rig,
    laptop,
    tv,
    server: beyond,
    exit,
    reaches: (from, to, port = 5001) => at(from).does("reaches", to, port),
    asks: (from, to) => at(from).does("asks", to),
    resolves: (from, asked, name, family) => at(from).does("resolves", asked, name, family === "ipv4" ? "A" : "AAAA"),
    echoes: (from, to, bytes) => at(from).does("echoes", to, bytes),
    knowNames: () =>
      void run(
        beyond,
        ["dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --bind-interfaces --pid-file"]
          .concat(Object.values(resolver).map((address) => `--listen-address=${address}`))
          .concat(Object.values(zoom).map((address) => `--address=/zoom.us/${address}`))
          .join(" "),
      ),
    async probe(from, to) {
      const before = overruns(from) + overruns(beyond);
      const child = await start(from, count, to);
      return async () => {
        const [text] = await Promise.all([once(child.stdout!, "data"), child.stdin!.write("stop")]);
        return { ...JSON.parse(String(text[0])), overrun: overruns(from) + overruns(beyond) - before };
      };
    },
    async load(from, to) {
      const child = await start(from, load, to, "5001");
      return async () => {
        child.kill("SIGKILL");
        await once(child, "exit");
      };
    },
    async stays(from, to) {
      const call = await at(from).does("calls", to, 5001);
      return () => at(from).does("talks", call);
    },
    async hangUp() {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      await Promise.all([...agents.values()].map((agent) => agent.does("hangsUp")));
    },
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      for (const agent of agents.values()) agent.stop();
      await rig.stop();
    },
  };
}
