import { sampleMacs } from "@network-personas/engine/testing";
import { Namespaces, run } from "../../test/netns/namespace.ts";

/** The far end of everything. */
export const far = "203.0.113.9";
/** What the line carries, kbit/s, and how much its modem keeps waiting, bytes: 240 ms down, 400 ms up. */
export const line = { down: 50_000, up: 10_000, modem: { down: 1_500_000, up: 500_000 } } as const;

/** Devices of the home, with the last byte of their addresses. */
export const devices = {
  "player-pc": 11,
  "worker-laptop": 12,
  tv: 13,
  "editor-pc": 14,
  "viewer-laptop": 16,
  nas: 17,
  plug: 15,
} as const;
export type DeviceId = keyof typeof devices;
export const macOf = (device: DeviceId): string => `02:00:00:00:0b:${devices[device]}`;

/** A home, its line and the rest of the world, out of network namespaces. */
export interface LineRig {
  router: string;
  server: string;
  clients: Readonly<Record<DeviceId, string>>;
  /** Everything at home shows that it is there. */
  greet(): void;
  stop(): void;
}

/**
 * Clients behind a bridge, a router that has nothing but classes, a modem that keeps a long queue in each direction, and a far
 * end. TCP is cubic, and its packets leave one by one: the line is measured, not the kernel's shortcuts.
 */
export function makeLine(): LineRig {
  const namespaces = new Namespaces();
  const [router, modem, server] = ["router", "modem", "server"].map((part) => namespaces.add(part)) as [string, string, string];
  const pair = (a: string, nameA: string, b: string, nameB: string) => {
    run(a, `ip link add ${nameA} type veth peer name ${nameB} netns ${b}; ip link set ${nameA} txqueuelen 1000 gso_max_segs 1 up`);
    run(b, `ip link set ${nameB} txqueuelen 1000 gso_max_segs 1 up`);
  };
  run(
    router,
    `ip link add br-lan type bridge
ip link set br-lan address ${sampleMacs.protected} up
ip address add 192.168.1.1/24 dev br-lan
sysctl -qw net.ipv4.ip_forward=1`,
  );
  const clients = Object.fromEntries(
    Object.entries(devices).map(([device, number]) => {
      const namespace = namespaces.add(device);
      pair(router, `port${number}`, namespace, "eth0");
      run(router, `ip link set port${number} master br-lan`);
      run(
        namespace,
        `ip link set eth0 address ${macOf(device as DeviceId)}
ip address add 192.168.1.${number}/24 dev eth0
ip route add default via 192.168.1.1 congctl cubic`,
      );
      return [device, namespace];
    }),
  ) as Record<DeviceId, string>;
  pair(router, "wan0", modem, "cable0");
  pair(modem, "core0", server, "eth0");
  run(router, "ip address add 198.51.100.2/30 dev wan0; ip route add default via 198.51.100.1");
  run(
    modem,
    `ip address add 198.51.100.1/30 dev cable0
ip address add 203.0.113.1/24 dev core0
ip route add 192.168.1.0/24 via 198.51.100.2
sysctl -qw net.ipv4.ip_forward=1
${bottleneck("cable0", line.down, line.modem.down)}
${bottleneck("core0", line.up, line.modem.up)}`,
  );
  // Whoever says something to the router is known to be there.
  const hello = "require('node:dgram').createSocket('udp4').send('hello', 9, '192.168.1.1', () => process.exit())";
  const greet = () => {
    // What is known from before might be forgotten a moment later.
    run(router, "ip neigh flush dev br-lan");
    for (const namespace of Object.values(clients)) run(namespace, `'${process.execPath}' -e "${hello}"`);
    const here = "ip neigh show dev br-lan | grep -cE 'REACHABLE|DELAY|PROBE'";
    // Only who is answered is reachable, and the kernel answers to a closed port when it likes.
    const answer = `ip -4 neigh show dev br-lan nud stale | while read -r at rest; do bash -c "echo > /dev/udp/$at/9"; done`;
    run(router, `for i in $(seq 50); do [ "$(${here})" -ge ${Object.keys(clients).length} ] && exit 0; ${answer}; sleep 0.1; done; exit 1`);
  };
  run(server, `ip address add ${far}/24 dev eth0; ip route add default via 203.0.113.1 congctl cubic`);
  // Connections are counted only where rules look at them; an unmanaged home has none.
  run(router, "sysctl -qw net.netfilter.nf_conntrack_acct=1");
  return { router, server, clients, greet, stop: () => namespaces.remove() };
}

/** One rate, and one long queue that drops at its tail. Bursts of 4 ms make up for a machine that is late: a modem is not. */
const bottleneck = (device: string, kbps: number, queue: number): string =>
  `tc qdisc add dev ${device} root handle 1: htb default 1
tc class add dev ${device} parent 1: classid 1:1 htb rate ${kbps}kbit burst ${kbps / 2} cburst ${kbps / 2} quantum 1514
tc qdisc add dev ${device} parent 1:1 bfifo limit ${queue}`;
