import { createHash } from "node:crypto";
import type { DevicePlan } from "@network-personas/engine/model";
import { table } from "../shared/nft.ts";
import type { Layout } from "./layout.ts";
import { shellQuoted } from "./shell.ts";

/**
 * Who answers questions of devices whose applications are told by name: an instance of dnsmasq of our own for every place they would
 * be asked at, beside whatever resolver the router has. It puts the addresses of an application's names into that application's sets.
 */
export interface Names {
  key: string;
  port: number;
  /** Resolvers it asks; undefined: the router's own. */
  servers: readonly string[] | undefined;
}

const filters = ["plain", "family", "malware"] as const;
/** "NP" again; above it one port for every place to ask at. */
const firstPort = 0x4e50;

/** Every place names can be asked at: as they are or filtered, over the line or behind a tunnel. */
export function allNames({ dns, tunnels }: Pick<Layout, "dns" | "tunnels">): Names[] {
  const ways = [undefined, ...tunnels];
  return ways.flatMap((tunnel) =>
    filters.map((filter, index) => {
      const slot = tunnel?.slot ?? 0;
      const resolvers = filter === "plain" ? (tunnel?.dns ?? dns.router) : dns[filter];
      return {
        key: namesKey(filter, slot),
        port: firstPort + slot * filters.length + index,
        // Bound to its device, a question never takes another way.
        servers: resolvers?.map((address) => (tunnel ? `${address}@${tunnel.device}` : address)),
      };
    }),
  );
}
const namesKey = (filter: (typeof filters)[number], slot: number): string => (slot === 0 ? filter : `${filter}_${slot}`);

/** Where a device's questions go. */
export const namesOf = ({ familyFilter, malwareFilter }: DevicePlan, slot: number): string =>
  namesKey(familyFilter ? "family" : malwareFilter ? "malware" : "plain", slot);

/** How one of them is set up: the same for every plan. */
function configOf({ port, servers }: Names, { lan, told }: Layout): string {
  const lines = [
    `port=${port}`,
    `interface=${lan}`,
    "bind-dynamic",
    ...(servers ? ["no-resolv", ...servers.map((server) => `server=${server}`)] : []),
    // Devices ask again soon, so that what is known of names is no older than this.
    "max-ttl=300",
    // Browsers and iCloud do without encrypted names of their own when these do not exist.
    ...["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com"].map((name) => `address=/${name}/`),
    ...told.flatMap(({ id, domains }) =>
      domains.map((domain) => `nftset=/${domain}/4#inet#${table}#${addressSets(id).ipv4},6#inet#${table}#${addressSets(id).ipv6}`),
    ),
  ];
  const text = lines.join("\n");
  return `# made by Network Personas\n# ${createHash("sha256").update(text).digest("hex").slice(0, 12)}\n${text}\n`;
}

/** Sets of the addresses an application's names were answered with. */
export const addressSets = (id: string): { ipv4: string; ipv6: string } => ({ ipv4: `at4_${id}`, ipv6: `at6_${id}` });

/** One that runs, in words: its key and how it is set up. */
export type Running = string;

/** How they are when what `keys` name runs. */
export function runningOf(keys: Iterable<string>, layout: Layout): Running[] {
  const wanted = new Set(keys);
  return allNames(layout)
    .filter(({ key }) => wanted.has(key))
    .map((names) => `${names.key} ${configOf(names, layout).split("\n")[1]!.slice(2)}`)
    .sort();
}

/** Lines of sh that list what runs in `folder`, in words. */
export const listScript = `for conf in "$folder"/*.conf; do
  [ -e "$conf" ] || continue
  pid=$(cat "$\{conf%.conf}.pid" 2>/dev/null) && tr '\\0' '\\n' < "/proc/$pid/cmdline" 2>/dev/null | grep -qxF -e "--conf-file=$conf" || continue
  key=$\{conf##*/}
  echo "$\{key%.conf} $(sed -n '2s/^# //p' "$conf")"
done`;

/** Ends one, and waits until its port is free. */
const stopFunction = `stop() {
  conf="$folder/$1.conf"
  pid=$(cat "$folder/$1.pid" 2>/dev/null) && tr '\\0' '\\n' < "/proc/$pid/cmdline" 2>/dev/null | grep -qxF -e "--conf-file=$conf" && {
    kill "$pid"
    n=0; while [ -s "/proc/$pid/cmdline" ] && [ $n -lt 40 ]; do sleep 0.05; n=$((n + 1)); done
  }
  rm -f "$conf" "$folder/$1.pid"
}`;

/** A script of sh that starts those of `wanted` that `held` has not. */
export function startScript(held: readonly Running[], wanted: readonly Running[], layout: Layout): string[] {
  const fresh = new Set(wanted.filter((one) => !held.includes(one)).map((one) => one.split(" ")[0]));
  const starting = allNames(layout).filter(({ key }) => fresh.has(key));
  if (starting.length === 0) return [];
  return [
    `folder=${shellQuoted(layout.namesFolder)}`,
    stopFunction,
    'mkdir -p "$folder" || exit',
    ...starting.flatMap((names) => [
      `stop ${names.key}`,
      `cat > "$folder/${names.key}.conf" <<'END-OF-CONF'`,
      configOf(names, layout).trimEnd(),
      "END-OF-CONF",
      `dnsmasq --conf-file="$folder/${names.key}.conf" --pid-file="$folder/${names.key}.pid" || exit`,
    ]),
  ];
}

/** A script of sh that ends those of `held` that are not wanted in any way of being set up. */
export function stopScript(held: readonly Running[], wanted: readonly Running[], { namesFolder }: Layout): string[] {
  const kept = new Set(wanted.map((one) => one.split(" ")[0]));
  const gone = [...new Set(held.map((one) => one.split(" ")[0]!))].filter((key) => !kept.has(key));
  return gone.length === 0 ? [] : [`folder=${shellQuoted(namesFolder)}`, stopFunction, ...gone.map((key) => `stop ${key}`)];
}
