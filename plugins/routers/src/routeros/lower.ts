import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { Application } from "@network-personas/personas";
import { omission, type Wanted } from "../shared/omission.ts";
import { slug } from "../shared/slug.ts";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import { isLeased } from "./leases.ts";
import { type Look, shaperObstacle } from "./look.ts";
import { markEntries, marksOf, routeEntries, tunnelMarks, tunnelRoutes } from "./marks.ts";
import { queuesOf, shareOfOne } from "./queues.ts";
import {
  addressLists,
  bridgeEntry,
  type ClosedList,
  closedRules,
  filterEntries,
  isolationRules,
  leaseEntries,
  nameEntries,
  nameRules,
  type Resolver,
  type Restriction,
  restrictionRules,
  restricts,
  type Told,
} from "./rules.ts";
import type { Settings } from "./settings.ts";
import { sorted, type Thing } from "./things.ts";
import { usable } from "./tunnels.ts";

/** What a plan becomes on this router. */
export interface Lowered {
  things: Thing[];
  /** Tunnels that must be up. */
  tunnels: string[];
  /** Devices whose running connections are to end. */
  cut: { device: string; macs: readonly string[] }[];
  omissions: SaidOmission[];
}

export interface Offer {
  look: Pick<Look, "line" | "exits" | "fastTrack" | "offloadedPorts" | "tunnels" | "tunnelsWithIpv6">;
  settings: Pick<Settings, "dns">;
  applications: ReadonlyMap<string, Application>;
  /** MAC addresses an isolated device may still speak to. */
  infrastructure: readonly string[];
}

type Omit = (field: PlanField, why: Sentence, instead?: Sentence | "", wanted?: Wanted) => void;

export const nothing: Lowered = { things: [], tunnels: [], cut: [], omissions: [] };

/** The things that bring a plan about, and what of it this router cannot do. Pure. */
export function lower(plan: NetworkPlan, offer: Offer): Lowered {
  const { look } = offer;
  const result: Lowered = { things: [], tunnels: [], cut: [], omissions: [] };
  const put = (things: readonly Thing[]) => void result.things.push(...things);
  const devices = plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const known = devices.filter((device) => device.macs.length > 0);
  const obstacle = shaperObstacle(look);
  const [line, ...others] = plan.lines;
  if (line && obstacle !== undefined) result.omissions.push(omission("line.shaper", null, sentence("aShaper"), obstacle));
  for (const { wan } of others)
    result.omissions.push(omission("line.shaper", null, sentence("aShaperOf", { line: wan }), sentence("oneLineShaped")));
  const shaped = line !== undefined && obstacle === undefined ? line.shaper : undefined;
  if (shaped) {
    put(queuesOf(line!, known));
    put(markEntries(look.line!));
  }
  const needs = { out: false, closed: new Set<ClosedList>(), isolated: false, names: false };
  const tunnels = new Set<string>();
  for (const device of devices) {
    const wanted = wishes(device);
    const omit: Omit = (field, why, instead = "", what = wanted[field] ?? "") =>
      void result.omissions.push(omission(field, device.device, what, why, instead));
    const macs = macsOf(device);
    if (macs.length === 0) {
      for (const field of Object.keys(wanted) as PlanField[]) omit(field, sentence("cannotTell"));
      continue;
    }
    if (shaped) {
      put(marksOf(device, macs));
      if (wanted["device.weight"] !== undefined) omitWeight(device, shaped, known, omit);
    } else omitQueueing(wanted, omit, obstacle ?? sentence("planNoLine"));
    if (look.exits.length === 0) {
      omitRestrictions(wanted, omit);
      continue;
    }
    const leased = new Set<string>(device.leased);
    const tunnel = tunnelOf(device, offer, omit);
    const restriction: Restriction = {
      device: { ...device, tunnel },
      macs,
      blocked: applicationsOf("blockedApplications", device, offer, omit),
      allowed: device.firewall === "strict" ? applicationsOf("allowedApplications", device, offer, omit) : [],
      strictForAWhile: leased.has("firewall"),
    };
    for (const { list, names } of restriction.allowed)
      if (list)
        put(
          addressLists(
            list,
            names.filter((name) => !name.startsWith("*.")),
          ),
        );
    if (restricts(restriction)) {
      needs.out = true;
      put(
        restrictionRules(
          restriction,
          look.exits.filter((exit) => exit !== tunnel),
        ),
      );
    }
    if (device.blocked && device.cutEstablished) result.cut.push({ device: device.device, macs });
    // A blocked device does not answer either, by whatever port is open.
    if (device.inboundClosed || device.blocked) {
      const kind = leased.has("inboundClosed") && !device.blocked ? "leased" : "lasting";
      needs.closed.add(kind);
      put(closedRules(device.device, macs, kind));
    }
    if (device.isolated) {
      needs.isolated = true;
      put(isolationRules(device.device, macs, offer.infrastructure, leased.has("isolated")));
      if (look.offloadedPorts.length > 0)
        omit("device.isolated", sentence("switchChip", { ports: look.offloadedPorts }), sentence("notOffloaded"));
    }
    const resolvers = resolversOf({ ...device, tunnel }, offer.settings);
    if (resolvers.length > 0) {
      needs.names = true;
      put(nameRules(device.device, macs, resolvers));
    }
    if (tunnel !== null) {
      tunnels.add(tunnel);
      put(tunnelMarks(device, macs, tunnel, look.tunnelsWithIpv6.includes(tunnel)));
    }
  }
  if (needs.out || needs.closed.size > 0 || needs.isolated) put(filterEntries(look.exits, needs));
  if (needs.isolated) put(bridgeEntry());
  if (needs.names) put(nameEntries());
  if (tunnels.size > 0) put(routeEntries());
  for (const tunnel of tunnels) put(tunnelRoutes(tunnel, look.tunnelsWithIpv6.includes(tunnel)));
  if (result.things.some(isLeased)) put(leaseEntries());
  return { ...result, things: unique(sorted(result.things)), tunnels: [...tunnels].sort() };
}

/** Two devices may ask for the same list of addresses. */
function unique(things: readonly Thing[]): Thing[] {
  return [...new Map(things.map((one) => [JSON.stringify(one), one])).values()];
}

function omitQueueing(wanted: Wishes, omit: Omit, why: Sentence): void {
  for (const field of ["device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"] as const)
    if (wanted[field] !== undefined) omit(field, why);
}

/** Without a way out there is nothing to keep anybody from. */
function omitRestrictions(wanted: Wishes, omit: Omit): void {
  const queueing = ["device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"];
  for (const field of Object.keys(wanted) as PlanField[]) if (!queueing.includes(field)) omit(field, noWayOut);
}
const noWayOut = sentence("noWayOut");

function omitWeight({ weight }: DevicePlan, shaper: { down: number; up: number }, devices: readonly DevicePlan[], omit: Omit): void {
  const floor = (way: "down" | "up") => Math.round(weight * shareOfOne(shaper[way], devices, way));
  omit("device.weight", sentence("rosWeights"), sentence("leastByWeight", { down: floor("down"), up: floor("up") }));
}

/** The WireGuard interface of the tunnel a device is to go through. */
function tunnelOf({ tunnel }: DevicePlan, { look }: Offer, omit: Omit): string | null {
  if (tunnel === null) return null;
  const obstacle = shaperObstacle(look);
  const names = usable(look.tunnels);
  const found = names.get(tunnel);
  if (obstacle !== undefined) omit("device.tunnel", sentence("pastTunnel", { why: obstacle }));
  else if (found !== undefined) return found;
  else if (look.tunnels.some(({ name }) => slug(name) === tunnel)) omit("device.tunnel", sentence("wireguardOff", { tunnel }));
  else omit("device.tunnel", sentence("noWireguard", { tunnel, tunnels: names.size > 0 ? [...names.keys()] : sentence("none") }));
  return null;
}

/** Who is asked for names: the strictest one, and after one that runs out the next. */
function resolversOf(device: DevicePlan, { dns }: Offer["settings"]): Resolver[] {
  const leased = new Set<string>(device.leased);
  const wanted = [
    ...(device.familyFilter ? [{ ...dns.family, leased: leased.has("familyFilter") }] : []),
    ...(device.malwareFilter ? [{ ...dns.malware, leased: leased.has("malwareFilter") }] : []),
    ...(device.tunnel === null ? [] : [{ ...dns.tunnel, leased: false }]),
  ];
  const lasting = wanted.findIndex((one) => !one.leased);
  // One that runs out stands in front of nothing but what lasts: all that runs out ends at once.
  return wanted.filter((_, i) => i === 0 || i === lasting);
}

/** How applications are told apart. Restrictions by name see the greeting of TLS; what is allowed by name is looked up. */
function applicationsOf(
  which: "blockedApplications" | "allowedApplications",
  device: DevicePlan,
  { applications, look }: Offer,
  omit: Omit,
): Told[] {
  const field = `device.${which}` as const;
  const isBlock = which === "blockedApplications";
  const leased = new Set<string>(device.leased);
  return [...new Set(device[which])].sort().flatMap((id): Told[] => {
    const application = applications.get(id);
    if (!application) {
      omit(field, sentence("notInCatalogue", { application: id }), "", id);
      return [];
    }
    const names = [...new Set(application.domains)].sort();
    const ports = application.ports.flatMap(({ protocol, ports: ranges }) => ranges.map((range) => ({ protocol, range })));
    if (names.length > 0)
      omit(
        field,
        isBlock ? sentence(look.fastTrack.length > 0 ? "quicUnseenFast" : "quicUnseen") : sentence("starNames"),
        isBlock
          ? sentence("byPortsAndTls", { application: application.name })
          : sentence("byPortsAndAddresses", { application: application.name }),
        id,
      );
    const plain = names.some((name) => !name.startsWith("*."));
    return [{ ports, names, leased: leased.has(`${which}.${id}`), ...(!isBlock && plain ? { list: `np-app-${id}` } : {}) }];
  });
}
