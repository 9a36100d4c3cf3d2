import type { TrafficKind } from "@network-personas/personas";
import { between, type Counters, type Flow, type Home, type Instant } from "../model/index.ts";
import { type LookMemory, lookAtCounters, lookAtFlows, type Sighting } from "./look.ts";
import type { TrafficSign } from "./recognise.ts";
import { type TrafficGroup, trafficGroups } from "./traffic-signs.ts";

/** What a device is seen doing, once several looks agreed. */
export interface DeviceActivity {
  device: string;
  kind: TrafficKind;
  group: TrafficGroup;
  since: Instant;
  /** Probability of the group when it was recognised. */
  probability: number;
  /** Strongest signs first. */
  signs: readonly TrafficSign[];
}

interface DeviceMemory {
  /** Of the last looks, newest last; null when a look could not tell. */
  votes: readonly (TrafficKind | null)[];
  activity?: DeviceActivity;
  /** When its kind of traffic was last seen. */
  seenAt?: Instant;
}
/** What a router showed: its connections where it can, else what each device has carried in all. */
export interface SeenTraffic {
  flows?: readonly Flow[];
  counters?: Counters;
}
/** What must be remembered between two looks at a router's traffic. */
export interface TrafficMemory {
  at?: Instant;
  seen: LookMemory;
  devices: ReadonlyMap<string, DeviceMemory>;
}
export const nothingSeen: TrafficMemory = { seen: { flows: new Map(), counters: new Map() }, devices: new Map() };

/** So many looks are kept; so many of them must agree. */
const looks = 3;
const agreeing = 2;
/** An activity of which nothing is seen for this long is over, ms. Films and games pause; nobody is thrown out for it. */
const silence = 60_000;

const groupOf = (kind: TrafficKind) =>
  (Object.keys(trafficGroups) as TrafficGroup[]).find((g) => (trafficGroups[g] as readonly TrafficKind[]).includes(kind))!;
/** Of several things a device does, what must not wait is what it is used for. */
const rank: Readonly<Record<TrafficGroup, number>> = { realtime: 3, streaming: 2, bulk: 1, background: 0 };

/**
 * One look at a router's traffic: what each device is doing, as far as this look and the ones before agree. Traffic is
 * judged by what it did since the look before, so the first look sees nothing. Whoever has connections to show needs no totals.
 */
export function observeTraffic(
  traffic: SeenTraffic,
  memory: TrafficMemory,
  home: Home,
  at: Instant,
): {
  activities: readonly DeviceActivity[];
  /** Devices that do something that matters, recognised or not. */
  busy: ReadonlySet<string>;
  memory: TrafficMemory;
} {
  const passed = memory.at === undefined ? 0 : between(memory.at, at);
  const look = traffic.flows
    ? lookAtFlows(traffic.flows, memory.seen, home, passed)
    : lookAtCounters(traffic.counters?.devices ?? new Map(), memory.seen, home, passed);
  const busy = new Set(look.busy);
  const nextDevices = new Map<string, DeviceMemory>();
  for (const device of home.devices) {
    const known = memory.devices.get(device.id) ?? { votes: [] };
    nextDevices.set(device.id, passed > 0 ? voted(device.id, known, look.sightings.get(device.id) ?? [], at) : known);
  }
  const activities = [...nextDevices.values()].flatMap(({ activity }) => (activity ? [activity] : []));
  for (const { device } of activities) busy.add(device);
  return {
    activities,
    busy,
    memory: { at, seen: look.memory, devices: nextDevices },
  };
}

function voted(device: string, { votes, activity, seenAt }: DeviceMemory, sightings: readonly Sighting[], at: Instant): DeviceMemory {
  const [main] = [...sightings].sort((a, b) => rank[groupOf(b.kind)] - rank[groupOf(a.kind)] || b.rate - a.rate);
  const next = [...votes, main?.kind ?? null].slice(-looks);
  const group = main && groupOf(main.kind);
  const agreed = group !== undefined && next.filter((kind) => kind !== null && groupOf(kind) === group).length >= agreeing;
  if (main && agreed && group !== "background") {
    const same = activity?.group === group;
    return {
      votes: next,
      seenAt: at,
      activity: {
        device,
        // Within a group looks may differ; the first word counts while it lasts.
        kind: same ? activity.kind : main.kind,
        group,
        since: same ? activity.since : at,
        probability: same ? activity.probability : main.seen.probability,
        signs: same ? activity.signs : main.seen.signs,
      },
    };
  }
  if (activity && seenAt !== undefined) {
    const still = sightings.some(({ kind }) => groupOf(kind) === activity.group);
    if (still) return { votes: next, activity, seenAt: at };
    if (between(seenAt, at) < silence) return { votes: next, activity, seenAt };
  }
  return { votes: next };
}
