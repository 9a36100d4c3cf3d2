import { createHash } from "node:crypto";
import { major } from "../shared/htb.ts";
import { dscps, isLeased, keyOf, table, withTime } from "../shared/nft.ts";
import type { Held } from "./held.ts";
import { isMap, type Layout, namesSet, refuseNew, setTypes, toldMap, tunnelSet } from "./layout.ts";
import { addressSets, allNames } from "./names.ts";
import { markMask, markOfSlot } from "./ways.ts";

/** Names a set of ours that tells by which rules the table was made: tables of other rules are made anew. */
export const versionOf = (layout: Layout): string => versionName(rules(layout));
const versionName = (text: string): string => `rules_${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
/** Bytes of every mark, up and down. No part of a plan: a table that is made anew counts from zero. */
export const counted = { up: "counted_up", down: "counted_down" } as const;

const quoted = (name: string): string => JSON.stringify(name);

const skeleton = (layout: Layout): string => `table inet ${table} {
  comment "made by Network Personas; removed by network-personas release"
  set ${versionOf(layout)} { type mark; }
${rules(layout)}
}`;

/** What is refused fails at once, as if nobody listened there; whoever asks from outside learns nothing. */
const refuse = (match: string): string => `${match} meta l4proto tcp reject with tcp reset
    ${match} reject with icmpx admin-prohibited`;

const noQuic = "meta l4proto udp udp dport != 443 udp sport != 443";
/** Calls and games send no packets as large as this (WebRTC: 1200 bytes and headers); tunnels and torrents fill theirs. */
const fullSize = 1_280;

/** What is in the table. Everything about single devices is in sets and maps, so that a change of plan moves no rule. */
function rules(layout: Layout): string {
  const { lan, wan, dns, tunnels, told } = layout;
  const [from, to] = [`iifname ${quoted(lan)}`, `oifname ${quoted(wan)}`];
  // Whatever leads out of the home: the line, and tunnels over it.
  const out = tunnels.length === 0 ? to : `oifname { ${[wan, ...tunnels.map(({ device }) => device)].map(quoted).join(", ")} }`;
  const back = out.replace("oifname", "iifname");
  const ours = `ct mark and 0xffff0000 == 0x${major}0000`;
  const port = "ether saddr . meta l4proto . th dport";
  const redirect = (set: string, resolvers: readonly string[]) =>
    (["ip", "ip6"] as const).map((family) => {
      const resolver = resolvers.find((address) => address.includes(":") === (family === "ip6"));
      return resolver
        ? `${from} ether saddr @${set} meta l4proto { tcp, udp } th dport 53 dnat ${family} to ${resolver}`
        : // Without a resolver of this family its questions would go round the filter.
          `${from} meta nfproto ${family === "ip" ? "ipv4" : "ipv6"} ether saddr @${set} meta l4proto { tcp, udp } th dport 53 drop`;
    });
  const declare = ([name, type]: [string, string]) => `  ${isMap(name) ? "map" : "set"} ${name} { ${type} }`;
  const lines = (list: readonly string[]) => list.map((rule) => `    ${rule}`).join("\n");
  return `${Object.entries(setTypes(layout)).map(declare).join("\n")}
  set ${counted.up} { type mark; flags dynamic; counter; size 65535; }
  set ${counted.down} { type mark; flags dynamic; counter; size 65535; }
  set full_udp { typeof ct id; flags dynamic,timeout; timeout 10s; size 65535; }
  set closed4 { type ipv4_addr; flags dynamic,timeout; timeout 1d; size 4096; }
  set closed6 { type ipv6_addr; flags dynamic,timeout; timeout 1d; size 4096; }
${told
  .flatMap(({ id }) => [
    `  set ${addressSets(id).ipv4} { type ipv4_addr; flags timeout; timeout 2h; size 65536; }`,
    `  set ${addressSets(id).ipv6} { type ipv6_addr; flags timeout; timeout 2h; size 65536; }`,
  ])
  .join("\n")}
  chain route {
    type filter hook prerouting priority mangle; policy accept;
${lines(tunnels.map(({ slot }) => `${from} ether saddr @${tunnelSet(slot)} meta mark set meta mark and 0x0000ffff or ${markOfSlot(slot)}`))}
  }
  chain belongs {
    comment "who left the plan keeps no mark of it: somebody else may have the number by now"
    ct mark set ether saddr map @mark_of return
    ${ours} ct mark set 0
  }
  chain classify {
    type filter hook forward priority mangle; policy accept;
    ${from} jump belongs
    meta priority set ct mark map @rest_of
    ${noQuic} meta priority set ct mark map @urgent_of
    ${noQuic} meta length >= ${fullSize} update @full_udp { ct id }
    ${noQuic} ct id != @full_udp meta priority set ct mark map @small_of
${lines(dscps.flatMap((n) => ["ip", "ip6"].map((family) => `${to} ether saddr @dscp_${n} ${family} dscp set ${n}`)))}
  }
  chain ${refuseNew} {
    ${refuse(`ct state new`)}
  }
  chain by_name {
${lines(
  told.flatMap(({ id }) => [
    `ip daddr @${addressSets(id).ipv4} ether saddr vmap @${toldMap(id)}`,
    `ip6 daddr @${addressSets(id).ipv6} ether saddr vmap @${toldMap(id)}`,
  ]),
)}
  }
  chain restrict {
    type filter hook forward priority filter - 10; policy accept;
    ${from} ether saddr @closed update @closed4 { ip saddr }
    ${from} ether saddr @closed update @closed6 { ip6 saddr }
    ${back} ct state new ip daddr @closed4 drop
    ${back} ct state new ip6 daddr @closed6 drop
${lines(tunnels.map(({ slot, device }) => refuse(`${from} ether saddr @${tunnelSet(slot)} oifname != { ${quoted(device)}, ${quoted(lan)} }`)))}
    ${refuse(`${from} ether saddr @no_dot meta l4proto { tcp, udp } th dport 853`)}
    ${out} ether saddr @blocked_cut drop
    ${back} ct mark @marks_cut drop
    ${out} ${port} @app_cut drop
    ${refuse(`${out} ct state new ether saddr @blocked`)}
    ${refuse(`${out} ct state new ${port} @app_blocked`)}
    ${out} ether saddr @told jump by_name
    ${out} ct state new ${port} @app_allowed accept
    ${refuse(`${out} ct state new ether saddr @strict`)}
  }
  chain count {
    type filter hook forward priority filter + 10; policy accept;
    ${from} oifname != ${quoted(lan)} ${ours} update @${counted.up} { ct mark }
    oifname ${quoted(lan)} iifname != ${quoted(lan)} ${ours} update @${counted.down} { ct mark }
  }
  chain names {
    type nat hook prerouting priority dstnat - 10; policy accept;
${lines([
  ...allNames(layout).map(
    ({ key, port: answering }) => `${from} ether saddr @${namesSet(key)} meta l4proto { tcp, udp } th dport 53 redirect to :${answering}`,
  ),
  ...redirect("dns_family", dns.family),
  ...redirect("dns_malware", dns.malware),
  ...tunnels.flatMap((tunnel) => redirect(tunnelSet(tunnel.slot), tunnel.dns)),
])}
  }
  chain masquerade_tunnels {
    type nat hook postrouting priority srcnat - 10; policy accept;
${lines(tunnels.map(({ slot, device }) => `oifname ${quoted(device)} meta mark and ${markMask} == ${markOfSlot(slot)} masquerade`))}
  }`;
}

/** Devices behind one bridge talk past the forward hook. */
const bridgeRules = `  set isolated { type ether_addr; flags timeout; }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ether saddr @isolated drop
    ether daddr @isolated drop
  }`;
export const bridgeVersion = versionName(bridgeRules);
const bridgeTable = `table bridge ${table} {
  set ${bridgeVersion} { type mark; }
${bridgeRules}
}`;

const fill = (family: "inet" | "bridge", set: string, elements: readonly string[], { lease }: Layout): string[] =>
  elements.length > 0 ? [`add element ${family} ${table} ${set} { ${elements.map((one) => withTime(one, lease)).join(", ")} }`] : [];

/** One transaction that gives everything that runs out its full time again, line by line. */
export function renewal(held: Held, layout: Layout): string[] {
  const sets = Object.entries(held.sets ?? {}).map(([set, elements]) => ["inet", set, elements] as const);
  return [...sets, ["bridge", "isolated", held.isolated ?? []] as const].flatMap(([family, set, elements]) => {
    const leased = elements.filter(isLeased);
    // Older kernels do not take another time for what is there.
    return leased.length === 0
      ? []
      : [`delete element ${family} ${table} ${set} { ${leased.map(keyOf).join(", ")} }`, ...fill(family, set, leased, layout)];
  });
}

/** One transaction that leads from whatever the tables are to `wanted`, line by line; empty when there is nothing to do. */
export function transaction(held: Held, wanted: Held, layout: Layout): string[] {
  const lines: string[] = [];
  if (wanted.sets === null) {
    if (held.sets !== null) lines.push(`add table inet ${table}`, `delete table inet ${table}`);
  } else if (held.sets === null) {
    lines.push(`add table inet ${table}`, `delete table inet ${table}`, skeleton(layout));
    for (const [set, elements] of Object.entries(wanted.sets)) lines.push(...fill("inet", set, elements, layout));
  } else {
    for (const [set, elements] of Object.entries(wanted.sets)) {
      if (JSON.stringify(held.sets[set]) === JSON.stringify(elements)) continue;
      lines.push(`flush ${isMap(set) ? "map" : "set"} inet ${table} ${set}`, ...fill("inet", set, elements, layout));
      // Addresses of devices that may be reached again are forgotten with them.
      if (set === "closed") lines.push(`flush set inet ${table} closed4`, `flush set inet ${table} closed6`);
    }
  }
  if (wanted.isolated === null) {
    if (held.isolated !== null) lines.push(`add table bridge ${table}`, `delete table bridge ${table}`);
  } else if (JSON.stringify(held.isolated) !== JSON.stringify(wanted.isolated)) {
    if (held.isolated === null) lines.push(`add table bridge ${table}`, `delete table bridge ${table}`, bridgeTable);
    else lines.push(`flush set bridge ${table} isolated`);
    lines.push(...fill("bridge", "isolated", wanted.isolated, layout));
  }
  return lines;
}
