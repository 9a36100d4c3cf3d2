import type { TrafficKind } from "@network-personas/personas";
import type { Flow, Home, Instant } from "../model/index.ts";
import { between } from "../model/index.ts";
import { type FlowFeatures, featuresOf, stepOf } from "./flow-features.ts";
import { type Recognised, recognise, type TrafficSign } from "./recognise.ts";
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

interface FlowMemory {
  flow: Flow;
  /** Rates of the last looks, kbit/s, oldest first. */
  rates: readonly number[];
}
interface DeviceMemory {
  /** Of the last looks, newest last; null when a look could not tell. */
  votes: readonly (TrafficKind | null)[];
  activity?: DeviceActivity;
  /** When its kind of traffic was last seen. */
  seenAt?: Instant;
}
/** What must be remembered between two looks at a router's connections. */
export interface TrafficMemory {
  at?: Instant;
  flows: ReadonlyMap<string, FlowMemory>;
  devices: ReadonlyMap<string, DeviceMemory>;
}
export const nothingSeen: TrafficMemory = { flows: new Map(), devices: new Map() };

/** So many looks are kept; so many of them must agree. */
const looks = 3;
const agreeing = 2;
/** An activity of which nothing is seen for this long is over, ms. Films and games pause; nobody is thrown out for it. */
const silence = 60_000;
/** Flows smaller than this say nothing, whatever they look like: kbit/s, and packets a second each way. */
const leastRate = 100;
const leastPackets = 8;
const keptRates = 15;

const groupOf = (kind: TrafficKind) =>
  (Object.keys(trafficGroups) as TrafficGroup[]).find((g) => (trafficGroups[g] as readonly TrafficKind[]).includes(kind))!;
/** Of several things a device does, what must not wait is what it is used for. */
const rank: Readonly<Record<TrafficGroup, number>> = { realtime: 3, streaming: 2, bulk: 1, background: 0 };

interface Sighting {
  kind: TrafficKind;
  seen: Recognised;
  rate: number;
}
const matters = ({ rate, packetsUp = 0, packetsDown = 0 }: FlowFeatures) =>
  rate >= leastRate || (packetsUp >= leastPackets && packetsDown >= leastPackets);

/**
 * One look at a router's connections: what each device is doing, as far as this look and the ones before agree. A flow is
 * judged by what it did since the look before, so the first look sees nothing.
 */
export function observeTraffic(
  flows: readonly Flow[],
  memory: TrafficMemory,
  home: Home,
  at: Instant,
): {
  activities: readonly DeviceActivity[];
  /** Devices that do something that matters, recognised or not. */
  busy: ReadonlySet<string>;
  memory: TrafficMemory;
} {
  const busy = new Set<string>();
  const passed = memory.at === undefined ? 0 : between(memory.at, at);
  const nextFlows = new Map<string, FlowMemory>();
  const sightings = new Map<string, Sighting[]>();
  const deviceOf = new Map(home.devices.flatMap((device) => device.macs.map((mac) => [mac, device.id] as const)));
  for (const flow of flows) {
    const device = deviceOf.get(flow.mac);
    if (!device) continue;
    const before = memory.flows.get(flow.id);
    const totals = passed > 0 ? stepOf(before?.flow, flow, passed) : undefined;
    if (!totals) {
      nextFlows.set(flow.id, { flow, rates: [] });
      continue;
    }
    const { rate } = featuresOf(totals);
    const rates = [...(before?.rates ?? []), rate].slice(-keptRates);
    nextFlows.set(flow.id, { flow, rates });
    const features = featuresOf(totals, rates);
    if (!matters(features)) continue;
    busy.add(device);
    const seen = recognise(features);
    if (seen.kind) sightings.set(device, [...(sightings.get(device) ?? []), { kind: seen.kind, seen, rate }]);
  }
  const nextDevices = new Map<string, DeviceMemory>();
  for (const device of home.devices) {
    const known = memory.devices.get(device.id) ?? { votes: [] };
    nextDevices.set(device.id, passed > 0 ? voted(device.id, known, sightings.get(device.id) ?? [], at) : known);
  }
  const activities = [...nextDevices.values()].flatMap(({ activity }) => (activity ? [activity] : []));
  for (const { device } of activities) busy.add(device);
  return {
    activities,
    busy,
    memory: { at, flows: nextFlows, devices: nextDevices },
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
