import type { Flow } from "../model/index.ts";

/** What counters say about one flow, or about all that a device does, over a stretch of time. Absent: not known. */
export interface FlowFeatures {
  protocol?: "tcp" | "udp";
  remotePort?: number;
  /** IP packets a second, up is from the device. */
  packetsUp?: number;
  packetsDown?: number;
  /** Mean size of a packet, bytes. */
  sizeUp?: number;
  sizeDown?: number;
  /** Seconds it has lasted. */
  age?: number;
  /** Bytes it has carried in all, both ways. */
  volume?: number;
  /** Kilobits a second in both directions together. */
  rate: number;
  /** Share of the bytes that goes down, 0..1. */
  downShare: number;
  /** Share of the packets that goes up, 0..1. */
  packetsUpShare?: number;
  /** Smaller direction's packets per packet of the larger one, 0..1: 1 when both talk alike. */
  symmetry?: number;
  /** Largest rate of a part of the stretch over the mean: 1 when steady. Needs some twenty seconds. */
  burstiness?: number;
}

/** Totals of one flow over `seconds`, LAN side first. */
export interface FlowTotals {
  protocol: "tcp" | "udp";
  remotePort: number;
  seconds: number;
  upBytes: number;
  downBytes: number;
  upPackets: number;
  downPackets: number;
  /** Seconds since it began; `seconds` when absent. */
  age?: number;
  /** Bytes since it began, both ways; those counted when absent. */
  volume?: number;
}

const perPacket = (bytes: number, packets: number) => (packets > 0 ? { size: bytes / packets } : {});

/** What bytes alone tell: all that is known where a router counts per device and no more. */
export function featuresOfTotals(
  { seconds, upBytes, downBytes }: Pick<FlowTotals, "seconds" | "upBytes" | "downBytes">,
  history: readonly number[] = [],
): FlowFeatures {
  const bytes = upBytes + downBytes;
  const burstiness = burstinessOf(history);
  return {
    rate: (bytes * 8) / 1000 / Math.max(seconds, 1e-3),
    downShare: bytes > 0 ? downBytes / bytes : 0.5,
    ...(burstiness === undefined ? {} : { burstiness }),
  };
}

/** Rates, sizes and shares of what was counted. */
export function featuresOf(flow: FlowTotals, history: readonly number[] = []): FlowFeatures {
  const { protocol, remotePort, upBytes, downBytes, upPackets, downPackets } = flow;
  const seconds = Math.max(flow.seconds, 1e-3);
  const packets = upPackets + downPackets;
  const up = perPacket(upBytes, upPackets).size;
  const down = perPacket(downBytes, downPackets).size;
  return {
    ...featuresOfTotals(flow, history),
    protocol,
    remotePort,
    packetsUp: upPackets / seconds,
    packetsDown: downPackets / seconds,
    age: flow.age ?? flow.seconds,
    volume: flow.volume ?? upBytes + downBytes,
    ...(up === undefined ? {} : { sizeUp: up }),
    ...(down === undefined ? {} : { sizeDown: down }),
    ...(packets > 0
      ? { packetsUpShare: upPackets / packets, symmetry: Math.min(upPackets, downPackets) / Math.max(upPackets, downPackets) }
      : {}),
  };
}

/** Fewest parts of a stretch from which bursts can be told. */
const fewestParts = 8;

/** Largest over mean of the rates of consecutive parts of a stretch; undefined when there are too few. */
export function burstinessOf(rates: readonly number[]): number | undefined {
  if (rates.length < fewestParts) return undefined;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return mean > 0 ? Math.max(...rates) / mean : undefined;
}

/** Counters of routers wrap at 32 bit, and start anew when the router or the connection does. */
const wrap = 2 ** 32;
/** More than this in one step is a restart that looks like a wrap, bytes: 4 s of 2 Gbit/s. */
const plausible = 1e9;

/** What a counter grew by. A smaller value is a wrap when that is plausible, else a new start: what it holds is all new. */
export function grown(before: number, now: number): number {
  if (now >= before) return now - before;
  const wrapped = wrap - before + now;
  return before < wrap && before > wrap / 2 && wrapped < plausible ? wrapped : now;
}

/** What happened on a flow between two looks at it, `ms` apart; undefined when it is not the same flow. */
export function stepOf(before: Flow | undefined, now: Flow, ms: number): FlowTotals | undefined {
  const fresh = !before || now.ageMs < before.ageMs;
  const seconds = (fresh ? Math.min(now.ageMs, ms) : ms) / 1000;
  if (seconds <= 0) return undefined;
  const step = (key: "upBytes" | "downBytes" | "upPackets" | "downPackets") => (fresh ? now[key] : grown(before[key], now[key]));
  return {
    protocol: now.protocol,
    remotePort: now.remotePort,
    seconds,
    age: now.ageMs / 1000,
    volume: now.upBytes + now.downBytes,
    upBytes: step("upBytes"),
    downBytes: step("downBytes"),
    upPackets: step("upPackets"),
    downPackets: step("downPackets"),
  };
}
