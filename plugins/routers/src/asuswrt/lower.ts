import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import { formatRate, type TrafficClass } from "@network-personas/personas";
import { macsOf, wishes } from "../shared/wishes.ts";
import { type Held, inOrder, nothing } from "./held.ts";
import { nameOf } from "./lists.ts";
import type { View } from "./view.ts";

export interface Lowered {
  wanted: Held;
  omissions: Omission[];
}
type Omit = (field: PlanField, why: string, instead?: string, what?: string) => void;

/** Levels of Traditional QoS; what has none falls into the owner's default one. */
export const levels: Partial<Record<TrafficClass, number>> = { realtime: 0, interactive: 1, streaming: 2, bulk: 4 };
/** Numbers of DNS Director. */
export const resolvers = { malware: 13, adult: 15 } as const;
export const resolverNames: Record<number, string> = { 13: "Quad9", 15: "CleanBrowsing Adult" };
/** What the Bandwidth Limiter itself takes for no limit, and the least rate it can tell from none; kbit/s. */
const unlimited = 10_240_000;
const least = 8;

const onlyByAddress = "ASUSWRT tells devices by their IPv4 address there, which changes and says nothing of IPv6";
/** What no ASUSWRT does for a device, and where its owner can do something like it. */
const impossible: Partial<Record<PlanField, string>> = {
  "device.guarantee": "ASUSWRT has shares of levels, but no rates of single devices",
  "device.weight": "ASUSWRT has shares of levels, but none of single devices",
  "device.latencyTarget": "ASUSWRT knows no delays of devices",
  "device.blockedApplications": `${onlyByAddress}; filter names for everybody under Firewall > URL Filter`,
  "device.allowedApplications": `${onlyByAddress}; make an allow list under Firewall > Network Services Filter`,
  "device.firewall": `${onlyByAddress}; make an allow list under Firewall > Network Services Filter`,
  "device.inboundClosed": "ASUSWRT lets in only what port forwards and UPnP of its owner say; those are not ours to close",
  "device.isolated": "only a guest network keeps devices apart; put the device into one",
};

/** What a plan becomes on an ASUS router, and what of it does not. Pure. */
export function lower(plan: NetworkPlan, view: View): Lowered {
  const wanted: Held = structuredClone(nothing);
  const omissions: Omission[] = [];
  const [first, ...more] = plan.lines;
  const omitLine = ({ shaper }: NetworkPlan["lines"][number], why: string) =>
    void omissions.push({
      field: "line.shaper",
      device: null,
      wanted: `${formatRate(shaper.down)} down, ${formatRate(shaper.up)} up`,
      instead: "",
      why,
    });
  if (first && view.unable) omitLine(first, view.unable);
  else if (first && view.qos.line) wanted.shaper = first.shaper;
  else if (first)
    omitLine(
      first,
      view.qos.kind === "traditional" ? "the rates of the line are yours; they are under Traffic Manager > QoS" : view.qos.why,
    );
  for (const line of more) omitLine(line, "ASUSWRT has one pair of rates for all lines");
  const room = { ...view.room };
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, view, room, wanted, omissions);
  if (wanted.blocks.length > 0 && !view.on.parental) wanted.switches.push("parental");
  if (wanted.filters.length > 0 && !view.on.dns) wanted.switches.push("dns");
  if ((wanted.shaper || wanted.priorities.length > 0 || wanted.limits.length > 0) && !view.on.qos) wanted.switches.push("qos");
  return { wanted: inOrder(wanted), omissions };
}

function lowerDevice(device: DevicePlan, view: View, room: View["room"], wanted: Held, omissions: Omission[]): void {
  const asked = wishes(device);
  const omit: Omit = (field, why, instead = "", what = asked[field] ?? "") =>
    void omissions.push({ field, device: device.device, wanted: what, instead, why });
  const macs = macsOf(device);
  const obstacle =
    view.unable ?? (macs.length === 0 ? "no MAC address of the device is known, so it cannot be told from others" : undefined);
  if (obstacle) {
    for (const field of Object.keys(asked) as PlanField[]) omit(field, obstacle);
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, string][]) if (asked[field] !== undefined) omit(field, why);
  const name = nameOf(device.device);
  const { theirs } = view;
  const has = (set: ReadonlySet<string>) => macs.some((mac) => set.has(mac));
  const full = "the router's list is full; remove what you do not need any more";

  if (device.blocked) {
    const left = macs.filter((mac) => !theirs.blocked.has(mac));
    if (view.parental) omit("device.blocked", view.parental);
    else if (left.some((mac) => theirs.scheduled.has(mac)))
      omit("device.blocked", "your own rule under Parental Controls > Time Scheduling decides about the device");
    else if (room.blocks < left.length) omit("device.blocked", full);
    else {
      room.blocks -= left.length;
      wanted.blocks.push(...left.map((mac) => ({ mac, name })));
      if (device.cutEstablished)
        omit(
          "device.blocked",
          "ASUSWRT does not say whether a rule ends running connections",
          "nothing new passes",
          "running connections end at once",
        );
    }
  }

  if (asked["device.class"] !== undefined) {
    const level = levels[device.class];
    if (view.qos.kind !== "traditional") omit("device.class", view.qos.why);
    else if (level === undefined) omit("device.class", "ASUSWRT marks no packets");
    else if (has(theirs.priority)) omit("device.class", "your own rule under Traffic Manager > QoS decides about the device");
    else if (room.priorities < macs.length) omit("device.class", full);
    else {
      room.priorities -= macs.length;
      wanted.priorities.push(...macs.map((mac) => ({ mac, name, level })));
    }
  }

  if (asked["device.ceiling"] !== undefined) {
    const rate = (kbps: number | null) => Math.max(kbps ?? unlimited, least);
    if (view.qos.kind !== "limiter") omit("device.ceiling", view.qos.why);
    else if (has(theirs.limited)) omit("device.ceiling", "your own limit under Traffic Manager > QoS decides about the device");
    else if (room.limits < macs.length) omit("device.ceiling", full);
    else {
      room.limits -= macs.length;
      wanted.limits.push(...macs.map((mac) => ({ mac, down: rate(device.ceiling.down), up: rate(device.ceiling.up) })));
      if (view.ipv6) omit("device.ceiling", "the Bandwidth Limiter does not see IPv6, which the router has on", "IPv4 is limited");
    }
  }
  const through = device.tunnel === null ? undefined : addressesFor(device.tunnel, macs, view);
  if (through?.why) omit("device.tunnel", through.why);
  else if (through) wanted.tunnels.push(...through.addresses.map((address) => ({ address, name, via: through.via })));
  lowerFilter(device, { view, room, wanted, omit, macs, name });
}

/** The addresses to send through a tunnel, or why nothing is. */
function addressesFor(name: string, macs: readonly string[], { tunnels }: View): { addresses: string[]; via: string; why?: string } {
  const via = tunnels.usable.get(name) ?? "";
  const addresses = macs.flatMap((mac) => tunnels.reserved.get(mac) ?? []);
  const why =
    tunnels.why ??
    (tunnels.leaking.has(name)
      ? `${name} would let something pass by: ${tunnels.leaking.get(name)}`
      : via === ""
        ? `the router has no VPN client "${name}" that is switched on; it has ${[...tunnels.usable.keys()].join(", ") || "none that can be used"}`
        : addresses.length < macs.length
          ? "VPN Director tells devices by their IPv4 address, and this one has none of its own; reserve one under LAN > DHCP Server"
          : addresses.some((address) => tunnels.theirs.has(address))
            ? "your own rule under VPN > VPN Director decides about the device"
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
      ? "your own rule under LAN > DNS Director decides about the device"
      : room.filters < characters
        ? "the router's list is full; remove what you do not need any more"
        : undefined);
  if (why) for (const field of fields) omit(field, why);
  else {
    room.filters -= characters;
    wanted.filters.push(...macs.map((mac) => ({ mac, name, resolver })));
  }
}
