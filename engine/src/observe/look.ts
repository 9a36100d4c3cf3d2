import type { DeviceKind, TrafficKind } from "@network-personas/personas";
import type { Counters, Flow, Home } from "../model/index.ts";
import { type FlowFeatures, featuresOf, featuresOfTotals, grown, stepOf } from "./flow-features.ts";
import { type Recognised, recognise } from "./recognise.ts";

/** One kind of traffic of a device in one look. */
export interface Sighting {
  kind: TrafficKind;
  seen: Recognised;
  /** kbit/s. */
  rate: number;
}
/** What one look showed, by device. */
export interface Look {
  sightings: ReadonlyMap<string, readonly Sighting[]>;
  /** Devices that do something that matters, recognised or not. */
  busy: ReadonlySet<string>;
  memory: LookMemory;
}
/** Counters of the look before, and the rates of the last looks, kbit/s, oldest first. */
export interface LookMemory {
  flows: ReadonlyMap<string, { flow: Flow; rates: readonly number[] }>;
  counters: ReadonlyMap<string, { bytes: DeviceBytes; rates: readonly number[] }>;
}
interface DeviceBytes {
  downBytes: number;
  upBytes: number;
}

/** Traffic smaller than this says nothing, whatever it looks like: kbit/s, and packets a second each way. */
const leastRate = 100;
const leastPackets = 8;
/** Rates of so many last looks are kept. */
export const keptRates = 15;
/** A flow may be small and matter; what a device does in all is judged when it is clearly used. */
const leastTotal = 500;

const matters = ({ rate, packetsUp = 0, packetsDown = 0 }: FlowFeatures) =>
  rate >= leastRate || (packetsUp >= leastPackets && packetsDown >= leastPackets);
const deviceOfMac = (home: Home) => new Map(home.devices.flatMap((device) => device.macs.map((mac) => [mac, device] as const)));

/** Judges connections one by one, by what they did in the `passed` ms since the look before. */
export function lookAtFlows(flows: readonly Flow[], before: LookMemory, home: Home, passed: number): Look {
  const [busy, sightings] = [new Set<string>(), new Map<string, Sighting[]>()];
  const next = new Map<string, { flow: Flow; rates: readonly number[] }>();
  const devices = deviceOfMac(home);
  for (const flow of flows) {
    const device = devices.get(flow.mac)?.id;
    if (!device) continue;
    const known = before.flows.get(flow.id);
    const totals = passed > 0 ? stepOf(known?.flow, flow, passed) : undefined;
    if (!totals) {
      next.set(flow.id, { flow, rates: [] });
      continue;
    }
    const { rate } = featuresOf(totals);
    const rates = [...(known?.rates ?? []), rate].slice(-keptRates);
    next.set(flow.id, { flow, rates });
    const features = featuresOf(totals, rates);
    if (!matters(features)) continue;
    busy.add(device);
    const seen = recognise(features);
    if (seen.kind) sightings.set(device, [...(sightings.get(device) ?? []), { kind: seen.kind, seen, rate }]);
  }
  return { sightings, busy, memory: { flows: next, counters: new Map() } };
}

/** Without ports and packets a film and a download look alike: what the device is made for decides, as log-odds. */
const madeFor: Partial<Record<DeviceKind, Partial<Record<TrafficKind, number>>>> = {
  tv: { streaming: 2 },
  streamer: { streaming: 2 },
  camera: { background: 2 },
  sensor: { background: 2 },
  server: { upload: 0.5, download: 0.5 },
};

/**
 * Judges what each device has carried in all. That tells heavy from idle and up from down, and a film from a download only by
 * the device; a call or a game is never recognised in it.
 */
export function lookAtCounters(counters: Counters["devices"], before: LookMemory, home: Home, passed: number): Look {
  const [busy, sightings] = [new Set<string>(), new Map<string, Sighting[]>()];
  const next = new Map<string, { bytes: DeviceBytes; rates: readonly number[] }>();
  const devices = deviceOfMac(home);
  for (const [mac, bytes] of counters) {
    const device = devices.get(mac);
    if (!device) continue;
    const known = before.counters.get(mac);
    if (!known || passed <= 0) {
      next.set(mac, { bytes, rates: [] });
      continue;
    }
    const totals = {
      seconds: passed / 1000,
      downBytes: grown(known.bytes.downBytes, bytes.downBytes),
      upBytes: grown(known.bytes.upBytes, bytes.upBytes),
    };
    const { rate } = featuresOfTotals(totals);
    const rates = [...known.rates, rate].slice(-keptRates);
    next.set(mac, { bytes, rates });
    if (rate < leastRate) continue;
    busy.add(device.id);
    if (rate < leastTotal) continue;
    const seen = recognise(featuresOfTotals(totals, rates), madeFor[device.kind]);
    if (seen.kind && seen.group !== "realtime") sightings.set(device.id, [{ kind: seen.kind, seen, rate }]);
  }
  return { sightings, busy, memory: { flows: new Map(), counters: next } };
}
