import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { TrafficClass } from "@network-personas/personas";
import { omission, type Wanted } from "../shared/omission.ts";
import { macsOf, wishes } from "../shared/wishes.ts";
import { type Held, inOrder, nothing } from "./held.ts";
import { nameOf } from "./lists.ts";
import type { View } from "./view.ts";

export interface Lowered {
  wanted: Held;
  omissions: SaidOmission[];
}
type Omit = (field: PlanField, why: Sentence, instead?: Sentence | "", what?: Wanted) => void;

/** Levels of Traditional QoS; what has none falls into the owner's default one. */
export const levels: Partial<Record<TrafficClass, number>> = { realtime: 0, interactive: 1, streaming: 2, bulk: 4 };
/** Numbers of DNS Director. */
export const resolvers = { malware: 13, adult: 15 } as const;
export const resolverNames: Record<number, string> = { 13: "Quad9", 15: "CleanBrowsing Adult" };
/** What the Bandwidth Limiter itself takes for no limit, and the least rate it can tell from none; kbit/s. */
const unlimited = 10_240_000;
const least = 8;

/** What no ASUSWRT does for a device, and where its owner can do something like it. */
const impossible: Partial<Record<PlanField, Sentence>> = {
  "device.guarantee": sentence("asusGuarantee"),
  "device.weight": sentence("asusWeight"),
  "device.latencyTarget": sentence("asusLatency"),
  "device.blockedApplications": sentence("asusFilterNames"),
  "device.allowedApplications": sentence("asusAllowList"),
  "device.firewall": sentence("asusAllowList"),
  "device.inboundClosed": sentence("asusInbound"),
  "device.isolated": sentence("asusIsolated"),
};

/** What a plan becomes on an ASUS router, and what of it does not. Pure. */
export function lower(plan: NetworkPlan, view: View): Lowered {
  const wanted: Held = structuredClone(nothing);
  const omissions: SaidOmission[] = [];
  const [first, ...more] = plan.lines;
  const omitLine = ({ shaper }: NetworkPlan["lines"][number], why: Sentence) =>
    void omissions.push(omission("line.shaper", null, sentence("ratesOf", { down: shaper.down, up: shaper.up }), why));
  if (first && view.unable) omitLine(first, view.unable);
  else if (first && view.qos.line) wanted.shaper = first.shaper;
  else if (first) omitLine(first, view.qos.kind === "traditional" ? sentence("asusRatesYours") : view.qos.why);
  for (const line of more) omitLine(line, sentence("asusOnePair"));
  const room = { ...view.room };
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, view, room, wanted, omissions);
  if (wanted.blocks.length > 0 && !view.on.parental) wanted.switches.push("parental");
  if (wanted.filters.length > 0 && !view.on.dns) wanted.switches.push("dns");
  if ((wanted.shaper || wanted.priorities.length > 0 || wanted.limits.length > 0) && !view.on.qos) wanted.switches.push("qos");
  return { wanted: inOrder(wanted), omissions };
}

function lowerDevice(device: DevicePlan, view: View, room: View["room"], wanted: Held, omissions: SaidOmission[]): void {
  const asked = wishes(device);
  const omit: Omit = (field, why, instead = "", what = asked[field] ?? "") =>
    void omissions.push(omission(field, device.device, what, why, instead));
  const macs = macsOf(device);
  const obstacle = view.unable ?? (macs.length === 0 ? sentence("cannotTell") : undefined);
  if (obstacle) {
    for (const field of Object.keys(asked) as PlanField[]) omit(field, obstacle);
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, Sentence][]) if (asked[field] !== undefined) omit(field, why);
  const name = nameOf(device.device);
  const { theirs } = view;
  const has = (set: ReadonlySet<string>) => macs.some((mac) => set.has(mac));
  const full = sentence("listFull");

  if (device.blocked) {
    const left = macs.filter((mac) => !theirs.blocked.has(mac));
    if (view.parental) omit("device.blocked", view.parental);
    else if (left.some((mac) => theirs.scheduled.has(mac))) omit("device.blocked", sentence("asusOwnSchedule"));
    else if (room.blocks < left.length) omit("device.blocked", full);
    else {
      room.blocks -= left.length;
      wanted.blocks.push(...left.map((mac) => ({ mac, name })));
      if (device.cutEstablished) omit("device.blocked", sentence("asusRunning"), sentence("nothingNewPasses"), sentence("cutAtOnce"));
    }
  }

  if (asked["device.class"] !== undefined) {
    const level = levels[device.class];
    if (view.qos.kind !== "traditional") omit("device.class", view.qos.why);
    else if (level === undefined) omit("device.class", sentence("asusNoMarks"));
    else if (has(theirs.priority)) omit("device.class", sentence("asusOwnQos"));
    else if (room.priorities < macs.length) omit("device.class", full);
    else {
      room.priorities -= macs.length;
      wanted.priorities.push(...macs.map((mac) => ({ mac, name, level })));
    }
  }

  if (asked["device.ceiling"] !== undefined) {
    const rate = (kbps: number | null) => Math.max(kbps ?? unlimited, least);
    if (view.qos.kind !== "limiter") omit("device.ceiling", view.qos.why);
    else if (has(theirs.limited)) omit("device.ceiling", sentence("asusOwnLimit"));
    else if (room.limits < macs.length) omit("device.ceiling", full);
    else {
      room.limits -= macs.length;
      wanted.limits.push(...macs.map((mac) => ({ mac, down: rate(device.ceiling.down), up: rate(device.ceiling.up) })));
      if (view.ipv6) omit("device.ceiling", sentence("asusIpv6Limit"), sentence("ipv4Limited"));
    }
  }
  const through = device.tunnel === null ? undefined : addressesFor(device.tunnel, macs, view);
  if (through?.why) omit("device.tunnel", through.why);
  else if (through) wanted.tunnels.push(...through.addresses.map((address) => ({ address, name, via: through.via })));
  lowerFilter(device, { view, room, wanted, omit, macs, name });
}

/** The addresses to send through a tunnel, or why nothing is. */
function addressesFor(name: string, macs: readonly string[], { tunnels }: View): { addresses: string[]; via: string; why?: Sentence } {
  const via = tunnels.usable.get(name) ?? "";
  const addresses = macs.flatMap((mac) => tunnels.reserved.get(mac) ?? []);
  const why =
    tunnels.why ??
    (tunnels.leaking.has(name)
      ? sentence("asusLeak", { tunnel: name, leak: tunnels.leaking.get(name)! })
      : via === ""
        ? sentence("noVpnClient", { tunnel: name, tunnels: tunnels.usable.size > 0 ? [...tunnels.usable.keys()] : sentence("noneUsable") })
        : addresses.length < macs.length
          ? sentence("asusReserve")
          : addresses.some((address) => tunnels.theirs.has(address))
            ? sentence("asusOwnDirector")
            : undefined);
  return { addresses, via, ...(why ? { why } : {}) };
}

function lowerFilter(
  device: DevicePlan,
  { view, room, wanted, omit, macs, name }: { view: View; room: View["room"]; wanted: Held; omit: Omit; macs: string[]; name: string },
): void {
  const fields: PlanField[] = [
    ...(device.malwareFilter ? ["device.malwareFilter" as const] : []),
    ...(device.familyFilter ? ["device.familyFilter" as const] : []),
  ];
  if (fields.length === 0) return;
  // The one that keeps adult names away keeps malware away, too.
  const resolver = device.familyFilter ? resolvers.adult : resolvers.malware;
  const characters = macs.length * `<${name}>${macs[0]}>${resolver}>1`.length;
  const why =
    view.dns ??
    (macs.some((mac) => view.theirs.filtered.has(mac))
      ? sentence("asusOwnDns")
      : room.filters < characters
        ? sentence("listFull")
        : undefined);
  if (why) for (const field of fields) omit(field, why);
  else {
    room.filters -= characters;
    wanted.filters.push(...macs.map((mac) => ({ mac, name, resolver })));
  }
}
