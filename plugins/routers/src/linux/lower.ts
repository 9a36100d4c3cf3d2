import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import { type Application, classTable, trafficClasses } from "@network-personas/personas";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import { queueFor, transferQueue, usualQuantum } from "./classes.ts";
import { type ClassSpec, dscps, firstMinor, type Held, major, markOf, restOf, urgentOf } from "./held.ts";
import { type Layout, namesSet, refuseNew, setTypes, toldMap, tunnelSet } from "./layout.ts";
import { allNames, namesOf, runningOf } from "./names.ts";
import type { Look } from "./reader.ts";
import { waysThrough } from "./ways.ts";

/** What this router has to offer a plan. */
export type Offer = Pick<Look, "queueKind" | "bridge" | "shaperObstacle" | "carries" | "tellsNames"> & {
  layout: Layout;
  applications: ReadonlyMap<string, Application>;
};

type Omit = (field: PlanField, why: string, instead?: string, wanted?: string) => void;

/** What a plan becomes on this router, and what of it does not. Devices keep the classes they have, so that no flow moves. Pure. */
export function lower(plan: NetworkPlan, held: Held, offer: Offer): { held: Held; omissions: Omission[] } {
  const omissions: Omission[] = [];
  const sets = new Map(Object.keys(setTypes(offer.layout)).map((name) => [name, [] as string[]]));
  const [line] = plan.lines;
  const shaped = line && offer.shaperObstacle === undefined;
  const share = shareUsed(plan, offer);
  const down = shaped ? { rate: Math.round(line.shaper.down * share), classes: {} as Record<string, ClassSpec> } : null;
  const up = shaped ? { rate: Math.round(line.shaper.up * share), classes: {} as Record<string, ClassSpec> } : null;
  const [isolated, ways]: [string[], string[]] = [[], []];
  if (line && !shaped)
    omissions.push({ field: "line.shaper", device: null, wanted: "a shaper", instead: "nothing is shaped", why: offer.shaperObstacle! });
  const devices = plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const minors = minorsFor(devices, held);
  for (const device of devices) {
    const wanted = wishes(device);
    const omit: Omit = (field, why, instead = "", what = wanted[field]!) =>
      void omissions.push({ field, device: device.device, wanted: what, instead, why });
    const macs = macsOf(device);
    if (macs.length === 0) {
      for (const field of Object.keys(wanted) as PlanField[])
        omit(field, "no MAC address of the device is known, so it cannot be told from others");
      continue;
    }
    const minor = minors.get(device.device)!;
    for (const mac of macs) sets.get("mark_of")!.push(`${mac} : ${markOf(minor)}`);
    if (down && up) {
      sets.get("urgent_of")!.push(`${markOf(minor)} : ${major}:${urgentOf(minor)}`);
      sets.get("rest_of")!.push(`${markOf(minor)} : ${major}:${restOf(minor)}`);
      down.classes[minor] = classOf(device, "down", down.rate, offer);
      up.classes[minor] = classOf(device, "up", up.rate, offer);
    } else omitQueueing(wanted, omit, offer.shaperObstacle ?? "the plan has no line");
    restrict(device, macs, minor, sets, offer, omit);
    if (device.isolated) {
      if (offer.bridge) isolated.push(...macs);
      else omit("device.isolated", "the interface of the home is no bridge: what its devices say to each other does not pass this router");
    }
    if (device.tunnel !== null) {
      const tunnel = tunnelOf(device, offer.layout);
      if (tunnel) {
        sets.get(tunnelSet(tunnel.slot))!.push(...macs);
        ways.push(...waysThrough(tunnel, offer.carries.get(tunnel.id)!));
      } else omit("device.tunnel", `the router's entry has no tunnel "${device.tunnel}"`, "its traffic leaves directly");
    }
  }
  const asked = allNames(offer.layout)
    .map(({ key }) => key)
    .filter((key) => sets.get(namesSet(key))!.length > 0);
  const unique = (list: readonly string[]) => [...new Set(list)].sort();
  const sorted = Object.fromEntries([...sets].map(([name, elements]) => [name, unique(elements)]));
  const names = runningOf(asked, offer.layout);
  return { held: { sets: sorted, isolated: offer.bridge ? unique(isolated) : null, down, up, ways: unique(ways), names }, omissions };
}

/** A device keeps the class its MAC addresses are in; others get the lowest that are free. */
function minorsFor(devices: readonly DevicePlan[], held: Held): Map<string, string> {
  const classOfMac = new Map(
    (held.sets?.mark_of ?? []).map((element) => {
      const [mac, mark] = element.split(" : ");
      return [mac!, Number.parseInt(mark!.slice(-4), 16).toString(16)];
    }),
  );
  const minors = new Map<string, string>();
  const taken = new Set<string>();
  for (const device of devices) {
    const known = macsOf(device)
      .map((mac) => classOfMac.get(mac))
      .find((minor) => minor !== undefined && !taken.has(minor));
    if (!known) continue;
    minors.set(device.device, known);
    taken.add(known);
  }
  let next = firstMinor;
  for (const { device } of devices) {
    if (minors.has(device)) continue;
    while (taken.has(next.toString(16))) next++;
    minors.set(device, next.toString(16));
    taken.add(next.toString(16));
  }
  return minors;
}

/**
 * A device's guarantee is for what it is used for; the other queue has a quarter of it, or as much of the line as acknowledges what
 * comes the other way.
 */
const lesser = (guarantee: number, line: number): number => Math.min(guarantee / 4, line * 0.03);
const goesFirst = (device: DevicePlan): boolean => priorities.indexOf(device.class) < priorities.indexOf("streaming");
const priorities: readonly string[] = trafficClasses;

/**
 * Plain queues cannot keep the modem's queue empty at nearly its rate: downloads arrive in bursts. While somebody does what must not
 * wait, all together leave so much more of the line free.
 */
const headroom = 0.9;
const shareUsed = ({ devices }: NetworkPlan, { queueKind }: Offer): number =>
  queueKind === "bfifo" && devices.some((device) => device.class === "realtime") ? headroom : 1;

/**
 * HTB lends between classes of one priority in proportion to their quantum: that is the weight. Where a class goes first, its priority
 * and weight are for what must not wait; the device's transfers stay with everybody else's, else they would ride in front of those.
 */
function classOf(device: DevicePlan, way: "down" | "up", line: number, { queueKind }: Offer): ClassSpec {
  const ceil = Math.min(device.ceiling[way] ?? line, line);
  const rate = Math.min(Math.max(leastRate, device.guarantee[way]), ceil);
  const weighted = Math.round(Math.min(60_000, Math.max(1_514, usualQuantum * device.weight)));
  const prio = priorities.indexOf(device.class);
  const first = goesFirst(device);
  const most = first ? Math.min(ceil, Math.round(line * classTable[device.class].ceiling)) : ceil;
  const less = Math.max(1, Math.round(lesser(rate, line)));
  const main = Math.max(1, rate - less);
  return {
    ceil,
    urgent: {
      rate: Math.min(first ? main : less, most),
      ceil: most,
      prio,
      quantum: weighted,
      queue: queueFor(queueKind, most, device.latencyTarget),
    },
    rest: {
      rate: first ? less : main,
      ceil,
      prio: first ? priorities.indexOf("default") : prio,
      quantum: first ? usualQuantum : weighted,
      queue: transferQueue(queueKind, ceil),
    },
  };
}
/** A class without any rate would never be served, kbit/s. */
const leastRate = 8;

function omitQueueing(wanted: Wishes, omit: Omit, why: string): void {
  for (const field of ["device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"] as const)
    if (wanted[field] !== undefined) omit(field, why);
}

function restrict(
  device: DevicePlan,
  macs: readonly string[],
  minor: string,
  sets: ReadonlyMap<string, string[]>,
  offer: Offer,
  omit: Omit,
): void {
  const put = (set: string, elements: readonly string[] = macs) => sets.get(set)!.push(...elements);
  if (dscps.includes(device.dscp)) put(`dscp_${device.dscp}`);
  if (device.blocked) {
    put("blocked");
    if (device.cutEstablished) {
      put("blocked_cut");
      put("marks_cut", [markOf(minor)]);
    }
  }
  if (device.firewall === "strict") put("strict");
  if (device.inboundClosed) put("closed");
  if (device.familyFilter) put("dns_family");
  if (device.malwareFilter) put("dns_malware");
  // Encrypted questions would go round what is said about names.
  if (device.familyFilter || device.malwareFilter) put("no_dot");
  const tell = (field: PlanField, ids: readonly string[], into: readonly string[], verdict: string) => {
    const known = ids.flatMap((id) => {
      const application = offer.applications.get(id);
      if (!application) omit(field, `no application "${id}" is in the catalogue`, "", id);
      return application ? [application] : [];
    });
    for (const { id, name, ports } of known.filter((one) => one.domains.length > 0)) {
      if (offer.tellsNames) {
        put(
          toldMap(id),
          macs.map((mac) => `${mac} : ${verdict}`),
        );
        for (const set of ["told", "no_dot", namesSet(namesOf(device, tunnelOf(device, offer.layout)?.slot ?? 0))]) put(set);
      } else {
        const instead = ports.length > 0 ? `${name} is told by its ports only` : "";
        omit(field, "the router has no dnsmasq that could tell it by name (2.87 or later, with nftset)", instead, id);
      }
    }
    const told = known.flatMap(({ ports }) => ports);
    for (const protocol of ["tcp", "udp"] as const)
      for (const range of merged(told.filter((set) => set.protocol === protocol).flatMap((set) => set.ports)))
        for (const set of into)
          put(
            set,
            macs.map((mac) => `${mac} . ${protocol} . ${range}`),
          );
  };
  const { blockedApplications, allowedApplications, cutEstablished } = device;
  if (cutEstablished) tell("device.blockedApplications", blockedApplications, ["app_blocked", "app_cut"], "drop");
  else tell("device.blockedApplications", blockedApplications, ["app_blocked"], `jump ${refuseNew}`);
  if (device.firewall === "strict")
    tell(
      "device.allowedApplications",
      allowedApplications.filter((id) => !blockedApplications.includes(id)),
      ["app_allowed"],
      "accept",
    );
}

const tunnelOf = ({ tunnel }: DevicePlan, { tunnels }: Layout) => tunnels.find(({ id }) => id === tunnel);

/** Port ranges without overlaps, which a set of intervals does not take. */
export function merged(ranges: readonly string[]): string[] {
  const pairs = ranges.map((range) => range.split("-").map(Number)).map(([from, to = from]) => [from!, to!] as const);
  const result: [number, number][] = [];
  for (const [from, to] of pairs.sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
}
