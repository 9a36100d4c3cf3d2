import { Unsupported } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import type { Rest } from "./rest.ts";
import { type Contents, tag } from "./things.ts";
import type { Tunnel, Tunnels } from "./tunnels.ts";
import { count, isTrue, type Row } from "./values.ts";

/** What of a router matters to a plan. */
export interface Look {
  version: string;
  board: string;
  /** Interface of the line; undefined when there is no default route. */
  line: string | undefined;
  /** Interfaces that lead out of the home: the line, others with a default route of any table and family or in the list WAN, tunnels. */
  exits: string[];
  /** Rules that send established connections past all queues and rules, in words. */
  fastTrack: string[];
  /** Ports of bridges whose frames a switch chip forwards past our rules. */
  offloadedPorts: string[];
  tunnels: Tunnel[];
  /** Tunnels that carry IPv6. */
  tunnelsWithIpv6: string[];
  /** MAC addresses of the router itself. */
  ownMacs: string[];
}

/** Looks at everything a plan depends on. `wan` is the interface of the line, when its owner says it. */
export async function lookAt(rest: Rest, tunnels: Tunnels, wan: string | undefined): Promise<Look> {
  const resource = await rest.settingsOf("system/resource");
  const all = await tunnels.all();
  const routes = await defaultRoutes(rest);
  const remembered = lineOf(routes) === undefined ? await rememberedExits(rest) : [];
  const line = wan ?? lineOf(routes) ?? remembered[0];
  const addresses = all.length > 0 ? ((await rest.listIfAny("ipv6/address", ["interface", "address", "disabled"])) ?? []) : [];
  // In an order of their own: routes come and go, and every change is written to flash.
  const others = [...routes.map((route) => route.interface), ...remembered, ...(await listedAsWan(rest)), ...all.map(({ name }) => name)];
  const fastTracks = async (menu: string) =>
    fastTrackRules(
      menu,
      await rest.list(menu, [".id", "action", "comment", "disabled", "dynamic", "connection-mark"], { action: fastTrack }),
    );
  return {
    version: resource.version ?? "unknown",
    board: resource["board-name"] ?? "unknown",
    line,
    exits: [...new Set([...(line === undefined ? [] : [line]), ...others.sort()])],
    fastTrack: [...(await fastTracks("ip/firewall/filter")), ...(await fastTracks("ipv6/firewall/filter"))],
    offloadedPorts: await offloadedPorts(rest),
    tunnels: all,
    tunnelsWithIpv6: [
      ...new Set(addresses.filter((one) => !isTrue(one.disabled) && !/^fe80:/i.test(one.address ?? "")).map((one) => one.interface ?? "")),
    ],
    ownMacs: await ownMacs(rest),
  };
}

/** MAC addresses of the router's own interfaces. */
export const ownMacs = async (rest: Rest): Promise<string[]> =>
  (await rest.list("interface", ["mac-address"])).flatMap((one) => one["mac-address"] ?? []);

/** The interface of the line: that of the best default route unless its owner says it. */
export const findLine = async (rest: Rest, wan: string | undefined): Promise<string | undefined> =>
  wan ?? lineOf(await defaultRoutes(rest));

export interface DeviceMode {
  mode: string;
  /** The scheduler may run scripts. */
  scheduler: boolean;
  /** The router found its configuration suspicious and switched things off. */
  flagged: boolean;
}

/** What the router's maker lets its owner do; older versions know no such restriction. */
export async function deviceMode(rest: Rest): Promise<DeviceMode> {
  const { mode, scheduler, flagged } = await rest.settingsOf("system/device-mode").catch((error: unknown): Row => {
    if (error instanceof Unsupported) return {};
    throw error;
  });
  return { mode: mode ?? "", scheduler: scheduler === undefined || isTrue(scheduler), flagged: isTrue(flagged) };
}

/** Queues of the owner's that are on, by name. */
export async function foreignQueues(rest: Rest, contents?: Contents): Promise<string[]> {
  const simple = await rest.list("queue/simple", ["name", "disabled"]);
  const trees =
    contents?.foreign ?? (await rest.list("queue/tree", ["name", "comment", "disabled"])).filter((row) => !row.comment?.startsWith(tag));
  return [...simple, ...trees].filter((row) => !isTrue(row.disabled)).map((row) => row.name ?? "without a name");
}

const fastTrack = "fasttrack-connection";

/** A rule that spares marked connections spares ours: all of them are marked. */
export const fastTrackRules = (menu: string, rows: readonly Row[]): string[] =>
  rows
    .filter((row) => row.action === fastTrack && !isTrue(row.disabled) && !isTrue(row.dynamic) && row["connection-mark"] !== "no-mark")
    .map((row) => `${menu} ${row[".id"]}${row.comment ? ` "${row.comment}"` : ""}`);

async function offloadedPorts(rest: Rest): Promise<string[]> {
  const ports = (await rest.listIfAny("interface/bridge/port", ["interface", "hw-offload", "disabled"])) ?? [];
  return ports.filter((port) => isTrue(port["hw-offload"]) && !isTrue(port.disabled)).map((port) => port.interface ?? "");
}

interface DefaultRoute {
  interface: string;
  /** It is one of those the line is found by: IPv4, of the main table. */
  main: boolean;
  active: boolean;
  distance: number;
}
const lineOf = (routes: readonly DefaultRoute[]): string | undefined =>
  routes.filter(({ main }) => main).toSorted((a, b) => Number(b.active) - Number(a.active) || a.distance - b.distance)[0]?.interface;

/** Every route into the internet; a second line or a tunnel for IPv6 may have one of its own. */
async function defaultRoutes(rest: Rest): Promise<DefaultRoute[]> {
  const props = ["dst-address", "gateway", "immediate-gw", "active", "disabled", "distance", "routing-table"];
  const routes = async (family: "ip" | "ipv6", destinations: readonly string[]) =>
    (await rest.list(`${family}/route`, props, family === "ip" ? { "dst-address": destinations[0]! } : {})).flatMap(
      (row): DefaultRoute[] => {
        if (isTrue(row.disabled) || !destinations.includes(row["dst-address"] ?? "")) return [];
        const name = (row["immediate-gw"] || row.gateway || "").split(",")[0]!.replace(/^.*%/, "");
        // An address alone does not tell where it leads.
        if (name === "" || /^[\d.]+$/.test(name) || name.includes(":")) return [];
        const main = family === "ip" && (row["routing-table"] ?? "main") === "main";
        return [{ interface: name, main, active: isTrue(row.active), distance: count(row.distance) }];
      },
    );
  return [...(await routes("ip", ["0.0.0.0/0"])), ...(await routes("ipv6", ["::/0", "2000::/3"]))];
}

/** Members of the maker's list of lines. */
async function listedAsWan(rest: Rest): Promise<string[]> {
  const members = await rest.list("interface/list/member", ["interface", "disabled"], { list: "WAN" });
  return members.filter((member) => !isTrue(member.disabled)).flatMap((member) => member.interface ?? []);
}

/** While the line is down it has no route: then it is what our own rules say, so that they stay. The line comes first. */
async function rememberedExits(rest: Rest): Promise<string[]> {
  const ours = async (menu: string, group: string) =>
    (await rest.list(menu, ["comment", "disabled", "out-interface"], { chain: "forward" })).flatMap((row) =>
      row.comment?.startsWith(`${tag}${group}/`) && !isTrue(row.disabled) ? (row["out-interface"] ?? []) : [],
    );
  return [...(await ours("ip/firewall/mangle", "@line/marks")), ...(await ours("ip/firewall/filter", "@line/entry"))];
}

/** What keeps us from shaping; undefined when nothing does. */
export function shaperObstacle(look: Pick<Look, "line" | "fastTrack">): Sentence | undefined {
  if (look.line === undefined) return sentence("noWayOut");
  if (look.fastTrack.length > 0) return sentence("fastTrackPast", { rules: look.fastTrack });
  return undefined;
}

/** What is not ours and would defeat a plan. */
export function foreignFindings(contents: ReadonlyMap<string, Contents>, queues: readonly string[]): Sentence[] {
  const rules = ["ip/firewall/filter", "ipv6/firewall/filter"].flatMap((menu) => fastTrackRules(menu, contents.get(menu)?.foreign ?? []));
  const findings = rules.map((rule) => sentence("fastTrackRule", { rule }));
  if (queues.length > 0) findings.push(sentence("queuesShape", { queues: [...queues.slice(0, 5), ...(queues.length > 5 ? ["…"] : [])] }));
  return findings;
}
