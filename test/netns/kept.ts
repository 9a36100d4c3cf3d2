import { ownersRouter } from "./linux-rig.ts";
import { run } from "./namespace.ts";

/** What a real router in a namespace keeps: what is ours, and what is its owner's. */
export function keptBy(router: string): { owned: unknown[]; foreign: unknown[] } {
  const ruleset = () =>
    JSON.parse(run(router, "nft -j list ruleset")).nftables as Record<
      string,
      { family: string; name: string; table?: string; handle?: number }
    >[];
  const ours = (one: { name: string; table?: string }) => one.name === "network_personas" || one.table === "network_personas";
  const objects = ruleset()
    .flatMap((entry) => Object.entries(entry))
    .filter(([kind]) => kind !== "metainfo");
  // Handles count up, and say nothing.
  const bare = (list: typeof objects) => list.map(([kind, { handle: _, ...rest }]) => [kind, rest]);
  const classes = (device: string) =>
    run(
      router,
      `tc -d class show dev ${device} | sort; tc qdisc show dev ${device} | sort | sed 's/refcnt [0-9]*//; s/direct_packets_stat [0-9]*//'`,
    );
  const ways = run(router, "for f in 4 6; do ip -$f rule show; ip -$f route show table all; done").split("\n");
  // What answers names listens where nobody else does.
  const answering = run(router, "ss -Hlun | grep -o ':200[0-9][0-9] ' | sort -u; true");
  const isOurs = (line: string) => /\b(table|lookup) 200\d\d\b/.test(line);
  const [lan, wan] = [classes("br-lan"), classes("wan0")];
  return {
    owned: [
      bare(objects.filter(([, one]) => ours(one))),
      lan.includes("4e50:") ? lan : "",
      wan.includes("4e50:") ? wan : "",
      ways.filter(isOurs),
      answering,
    ],
    foreign: [
      bare(objects.filter(([, one]) => !ours(one))),
      classes("lo"),
      ways.filter((line) => !isOurs(line) && !/^(local|broadcast|anycast|multicast) |fe80::/.test(line)),
    ],
  };
}

/** What a kernel knows is gone; what the owner's start scripts make is there again. */
export function reboot(router: string, runDir: string): void {
  run(router, `for f in $(find ${runDir} -name '*.pid'); do kill -9 $(cat $f); done; rm -rf ${runDir}`);
  run(router, "nft flush ruleset; ip link del br-lan; ip link del wan0; ip link del tun0; tc qdisc del dev lo root");
  run(
    router,
    "for f in 4 6; do ip -$f rule flush; ip -$f rule add priority 32766 table main; ip -$f route flush table all 2>/dev/null || true; done; ip -4 rule add priority 32767 table default; ip link set lo down; ip link set lo up",
  );
  run(router, ownersRouter);
}

/** What the kernel of an OpenWrt router keeps that has the agent: what is ours, and what is its owner's, without what counts by itself. */
export function keptByAgent(router: string): { owned: unknown; foreign: unknown } {
  const [ruleset, ...queues] = run(
    router,
    `nft -j list ruleset
for device in lo br-lan br-guest eth1; do
  echo "@@"
  { tc -d class show dev $device; tc qdisc show dev $device; } | sed 's/refcnt [0-9]*//; s/direct_packets_stat [0-9]*//' | sort
done`,
  ).split("@@");
  const entries = JSON.parse(ruleset!).nftables as Record<string, { name: string; table?: string }>[];
  const objects = entries.flatMap((entry) => Object.entries(entry)).filter(([kind]) => kind !== "metainfo");
  const part = (mine: boolean) => [
    JSON.parse(
      JSON.stringify(
        objects.filter(([, { name, table }]) => [name, table].includes("network_personas") === mine),
        (key, value) => (["handle", "expires"].includes(key) ? undefined : value),
      ),
    ),
    queues.filter((text) => text.includes("4e50:") === mine && !/noqueue/.test(text)),
  ];
  return { owned: part(true), foreign: part(false) };
}
