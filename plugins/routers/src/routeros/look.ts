import { Unsupported } from "@network-personas/engine/driver";
import type { Changer } from "./changer.ts";
import type { Rest } from "./rest.ts";
import type { Contents, Found } from "./things.ts";
import type { Tunnel } from "./tunnels.ts";
import { count, isTrue, type Row } from "./values.ts";

/** What is on the router, and what of it matters to a plan. */
export interface Look {
  version: string;
  board: string;
  /** Interface of the line; undefined when there is no default route. */
  wan: string | undefined;
  /** Interfaces that lead out of the home: the line, others with a default route, usable tunnels. */
  exits: string[];
  found: Found[];
  contents: ReadonlyMap<string, Contents>;
  /** Rules that send established connections past all queues and rules, in words. */
  fastTrack: string[];
  /** Queues of the owner's that are on, by name. */
  foreignQueues: string[];
  /** Ports of bridges whose frames a switch chip forwards past our rules. */
  offloadedPorts: string[];
  /** The router's scheduler may run scripts. */
  scheduler: boolean;
  deviceMode: string | undefined;
  tunnels: Tunnel[];
  /** Tunnels that carry IPv6. */
  tunnelsWithIpv6: string[];
  /** MAC addresses of the router itself. */
  ownMacs: string[];
}

/** Looks at everything a plan depends on. */
export async function lookAt(rest: Rest, changer: Changer, wan: string | undefined): Promise<Look> {
  const resource = await rest.settingsOf("system/resource");
  const contents = await changer.contents();
  const tunnels = await changer.tunnels.all();
  const routes = await defaultRoutes(rest);
  const line = wan ?? routes.toSorted((a, b) => Number(b.active) - Number(a.active) || a.distance - b.distance)[0]?.interface;
  const addresses = tunnels.length > 0 ? ((await rest.listIfAny("ipv6/address", ["interface", "address", "disabled"])) ?? []) : [];
  const mode = await deviceMode(rest);
  const exits = [line, ...routes.map((route) => route.interface), ...tunnels.map(({ name }) => name)].filter((name) => name !== undefined);
  return {
    version: resource.version ?? "unknown",
    board: resource["board-name"] ?? "unknown",
    wan: line,
    exits: [...new Set(exits)],
    found: [...contents.values()].flatMap(({ found }) => found),
    contents,
    fastTrack: fastTrackRules(contents),
    foreignQueues: await foreignQueues(rest, contents),
    offloadedPorts: await offloadedPorts(rest),
    ...mode,
    tunnels,
    tunnelsWithIpv6: [
      ...new Set(addresses.filter((one) => !isTrue(one.disabled) && !/^fe80:/i.test(one.address ?? "")).map((one) => one.interface ?? "")),
    ],
    ownMacs: (await rest.list("interface", ["name", "mac-address"])).flatMap((one) => one["mac-address"] ?? []),
  };
}

/** Whether the scheduler may run scripts; older versions know no such restriction. */
export async function deviceMode(rest: Rest): Promise<Pick<Look, "scheduler" | "deviceMode">> {
  const mode = await rest.settingsOf("system/device-mode").catch((error: unknown): Row => {
    if (error instanceof Unsupported) return {};
    throw error;
  });
  return { scheduler: mode.scheduler === undefined || isTrue(mode.scheduler), deviceMode: mode.mode };
}

async function defaultRoutes(rest: Rest): Promise<{ interface: string; active: boolean; distance: number }[]> {
  const props = ["gateway", "immediate-gw", "active", "disabled", "distance", "routing-table", "comment"];
  const rows = await rest.list("ip/route", props, { "dst-address": "0.0.0.0/0" });
  return rows.flatMap((row) => {
    if (isTrue(row.disabled) || (row["routing-table"] ?? "main") !== "main") return [];
    const name = (row["immediate-gw"] || row.gateway || "").split(",")[0]!.replace(/^.*%/, "");
    // An address alone does not tell where it leads.
    if (name === "" || /^[\d.]+$/.test(name)) return [];
    return [{ interface: name, active: isTrue(row.active), distance: count(row.distance) }];
  });
}

/** A rule that spares marked connections spares ours: all of them are marked. */
function fastTrackRules(contents: ReadonlyMap<string, Contents>): string[] {
  return ["ip/firewall/filter", "ipv6/firewall/filter"].flatMap((menu) =>
    (contents.get(menu)?.foreign ?? [])
      .filter((row) => row.action === "fasttrack-connection" && !isTrue(row.disabled) && row["connection-mark"] !== "no-mark")
      .map((row) => `${menu} ${row[".id"]}${row.comment ? ` "${row.comment}"` : ""}`),
  );
}

async function foreignQueues(rest: Rest, contents: ReadonlyMap<string, Contents>): Promise<string[]> {
  const simple = await rest.list("queue/simple", ["name", "disabled"]);
  const trees = contents.get("queue/tree")?.foreign ?? [];
  return [...simple, ...trees].filter((row) => !isTrue(row.disabled)).map((row) => row.name ?? "without a name");
}

async function offloadedPorts(rest: Rest): Promise<string[]> {
  const ports = (await rest.listIfAny("interface/bridge/port", ["interface", "hw-offload", "disabled"])) ?? [];
  return ports.filter((port) => isTrue(port["hw-offload"]) && !isTrue(port.disabled)).map((port) => port.interface ?? "");
}

/** "7.16.2 (stable)" -> [7, 16]. */
export const versionOf = (text: string): [number, number] => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
};

/** What keeps us from shaping; undefined when nothing does. */
export function shaperObstacle({ wan, fastTrack }: Pick<Look, "wan" | "fastTrack">): string | undefined {
  if (wan === undefined) return "the router has no default route, so its line is not known; set `wan`";
  if (fastTrack.length > 0)
    return `FastTrack sends connections past all queues (${fastTrack.join(", ")}); set its connection-mark to no-mark`;
  return undefined;
}

/** What is not ours and would defeat a plan. */
export function foreignFindings(look: Look): string[] {
  const findings = look.fastTrack.map((rule) => `FastTrack rule ${rule} sends connections past queues, marks and counters`);
  if (look.foreignQueues.length > 0)
    findings.push(
      `queues that are not ours shape, too: ${look.foreignQueues.slice(0, 5).join(", ")}${look.foreignQueues.length > 5 ? " and more" : ""}`,
    );
  return findings;
}
