import { dscps, type Held, major, maps, setTypes } from "./held.ts";
import type { Settings } from "./settings.ts";

/** Our tables carry this name in every family; nothing else on the router is ever touched. */
export const table = "network_personas";
/** Grows when the rules below change: tables of another version are made anew. */
export const version = "rules_3";
/** Bytes of every mark, up and down. No part of a plan: a table that is made anew counts from zero. */
export const counted = { up: "counted_up", down: "counted_down" } as const;

const quoted = (name: string): string => JSON.stringify(name);

/** The table with its rules. Everything about single devices is in sets and maps, so that a change of plan moves no rule. */
function skeleton({ lan, wan, dns }: Settings): string {
  const [from, to] = [`iifname ${quoted(lan)}`, `oifname ${quoted(wan)}`];
  const ours = `ct mark and 0xffff0000 == 0x${major}0000`;
  const port = "ether saddr . meta l4proto . th dport";
  const redirect = (set: string, resolvers: readonly string[]) =>
    (["ip", "ip6"] as const).flatMap((family) => {
      const resolver = resolvers.find((address) => address.includes(":") === (family === "ip6"));
      return resolver
        ? [`${from} ether saddr @${set} meta l4proto { tcp, udp } th dport 53 dnat ${family} to ${resolver}`]
        : // Without a resolver of this family its questions would go round the filter.
          [`${from} meta nfproto ${family === "ip" ? "ipv4" : "ipv6"} ether saddr @${set} meta l4proto { tcp, udp } th dport 53 drop`];
    });
  const declare = ([name, type]: [string, string]) => `  ${maps.has(name) ? "map" : "set"} ${name} { ${type} }`;
  return `table inet ${table} {
  comment "made by Network Personas; removed by network-personas release"
  set ${version} { type mark; }
${Object.entries(setTypes).map(declare).join("\n")}
  set ${counted.up} { type mark; flags dynamic; counter; size 65535; }
  set ${counted.down} { type mark; flags dynamic; counter; size 65535; }
  set closed4 { type ipv4_addr; flags dynamic,timeout; timeout 1d; size 4096; }
  set closed6 { type ipv6_addr; flags dynamic,timeout; timeout 1d; size 4096; }
  chain classify {
    type filter hook forward priority mangle; policy accept;
    ${from} ct mark set ether saddr map @mark_of
    meta priority set ct mark map @rest_of
    meta l4proto udp udp dport != 443 udp sport != 443 meta priority set ct mark map @urgent_of
${dscps.flatMap((n) => ["ip", "ip6"].map((family) => `    ${to} ether saddr @dscp_${n} ${family} dscp set ${n}`)).join("\n")}
  }
  chain restrict {
    type filter hook forward priority filter - 10; policy accept;
    ${from} ether saddr @closed update @closed4 { ip saddr }
    ${from} ether saddr @closed update @closed6 { ip6 saddr }
    iifname ${quoted(wan)} ct state new ip daddr @closed4 drop
    iifname ${quoted(wan)} ct state new ip6 daddr @closed6 drop
    ${to} ether saddr @blocked_cut drop
    iifname ${quoted(wan)} ct mark @marks_cut drop
    ${to} ${port} @app_cut drop
    ${to} ct state new ether saddr @blocked drop
    ${to} ct state new ${port} @app_blocked drop
    ${to} ct state new ${port} @app_allowed accept
    ${to} ct state new ether saddr @strict drop
  }
  chain count {
    type filter hook forward priority filter + 10; policy accept;
    iifname ${quoted(lan)} oifname != ${quoted(lan)} ${ours} update @${counted.up} { ct mark }
    oifname ${quoted(lan)} iifname != ${quoted(lan)} ${ours} update @${counted.down} { ct mark }
  }
  chain names {
    type nat hook prerouting priority dstnat - 10; policy accept;
${[...redirect("dns_family", dns.family), ...redirect("dns_malware", dns.malware)].map((rule) => `    ${rule}`).join("\n")}
  }
}`;
}

/** Devices behind one bridge talk past the forward hook. */
const bridgeTable = `table bridge ${table} {
  set isolated { type ether_addr; }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ether saddr @isolated drop
    ether daddr @isolated drop
  }
}`;

const fill = (family: string, set: string, elements: readonly string[]): string[] =>
  elements.length > 0 ? [`add element ${family} ${table} ${set} { ${elements.join(", ")} }`] : [];

/** One transaction that leads from whatever the tables are to `wanted`; "" when there is nothing to do. */
export function transaction(held: Held, wanted: Held, settings: Settings): string {
  const lines: string[] = [];
  if (wanted.sets === null) {
    if (held.sets !== null) lines.push(`add table inet ${table}`, `delete table inet ${table}`);
  } else if (held.sets === null) {
    lines.push(`add table inet ${table}`, `delete table inet ${table}`, skeleton(settings));
    for (const [set, elements] of Object.entries(wanted.sets)) lines.push(...fill("inet", set, elements));
  } else {
    for (const [set, elements] of Object.entries(wanted.sets)) {
      if (JSON.stringify(held.sets[set]) === JSON.stringify(elements)) continue;
      lines.push(`flush ${maps.has(set) ? "map" : "set"} inet ${table} ${set}`, ...fill("inet", set, elements));
      // Addresses of devices that may be reached again are forgotten with them.
      if (set === "closed") lines.push(`flush set inet ${table} closed4`, `flush set inet ${table} closed6`);
    }
  }
  if (wanted.isolated === null) {
    if (held.isolated !== null) lines.push(`add table bridge ${table}`, `delete table bridge ${table}`);
  } else if (JSON.stringify(held.isolated) !== JSON.stringify(wanted.isolated)) {
    if (held.isolated === null) lines.push(`add table bridge ${table}`, `delete table bridge ${table}`, bridgeTable);
    else lines.push(`flush set bridge ${table} isolated`);
    lines.push(...fill("bridge", "isolated", wanted.isolated));
  }
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}
