import { spread } from "../pipeline/statistics.ts";
import { type Recording, roundTrip } from "./traffic/wire.ts";

/** What a stretch of a run came to; null where the run had nothing of it. Latencies in ms, rates in Mbit/s. */
export interface Figures {
  p50: number | null;
  p99: number | null;
  /** Share of the packets, 0..1. */
  loss: number | null;
  /** 0..1: see `callQuality`. */
  callQuality: number | null;
  /** Mean quality of the parts of a film that came. */
  videoMbit: number | null;
  uploadMbit: number | null;
  othersDownMbit: number | null;
  othersUpMbit: number | null;
}
/** A stretch of time, ms. */
export interface Stretch {
  from: number;
  to: number;
}

/** Every packet of a stream sent in a stretch, with its delay; null when it never came. */
function delays({ sent, got }: Recording, stream: string, { from, to }: Stretch): (number | null)[] {
  const arrived = new Map(got[stream]);
  return (sent[stream] ?? []).flatMap((at, number) => {
    if (at < from || at >= to) return [];
    const there = arrived.get(number);
    return [there === undefined ? null : there - at];
  });
}

const streamsOf = { game: ["game"], call: ["call up", "call down"], probe: ["probe up", "probe down"] } as const;

/** Later than this a packet of a call is of no use, one way, ms; the far end itself is half a round trip away. */
const inTime = 100 - roundTrip / 2;

/**
 * How good a call was, the worse direction of two: the share of its pictures it could keep, or, if that is less, the share of
 * its packets that came in time.
 */
function callQuality(recording: Recording, stretch: Stretch): number | null {
  const ways = (["up", "down"] as const).flatMap((way) => {
    const kept = (recording.kept[`call ${way}`] ?? []).filter(([at]) => at >= stretch.from && at < stretch.to);
    const packets = delays(recording, `call ${way}`, stretch);
    if (kept.length === 0 || packets.length === 0) return [];
    const share = kept.reduce((sum, [, part]) => sum + part, 0) / kept.length;
    return [Math.min(share, packets.filter((delay) => delay !== null && delay < inTime).length / packets.length)];
  });
  return ways.length === 0 ? null : Math.min(...ways);
}

/** What transfers carried in a stretch, together, from one count to another; null when there are none. */
function rateOf({ carried }: Recording, names: readonly string[], { from, to }: Stretch): number | null {
  const transfers = names.flatMap((name) => (carried[name] ? [carried[name]] : []));
  if (transfers.length === 0) return null;
  return transfers.reduce((sum, counts) => {
    const [first, ...more] = counts.filter(([at]) => at >= from && at < to);
    const last = more.at(-1);
    return sum + (first && last ? ((last[1] - first[1]) * 8) / 1000 / (last[0] - first[0]) : 0);
  }, 0);
}

export function figuresOf(recording: Recording, latencyOf: keyof typeof streamsOf, stretch: Stretch): Figures {
  const streams = streamsOf[latencyOf].map((stream) => delays(recording, stream, stretch));
  const arrived = streams.map((packets) => packets.filter((delay) => delay !== null));
  // Of two directions the worse counts.
  const worst = arrived.map(spread).toSorted((a, b) => b.p99 - a.p99)[0]!;
  const sent = streams.flat();
  const parts = recording.parts.filter(({ there }) => there >= stretch.from && there < stretch.to);
  const names = Object.keys(recording.carried);
  const others = (way: string) => names.filter((name) => name.startsWith("others") && name.includes(way));
  return {
    p50: worst.n > 0 ? worst.median : null,
    p99: worst.n > 0 ? worst.p99 : null,
    loss: sent.length > 0 ? sent.filter((delay) => delay === null).length / sent.length : null,
    callQuality: callQuality(recording, stretch),
    videoMbit: "film" in recording.carried || parts.length > 0 ? parts.reduce((sum, { mbit }) => sum + mbit, 0) / parts.length : null,
    uploadMbit: rateOf(recording, ["footage"], stretch),
    othersDownMbit: rateOf(recording, others("down"), stretch),
    othersUpMbit: rateOf(recording, others("up"), stretch),
  };
}

/** Of small steady packets of a device nobody plans anything for: how many were lost, and how many overtaken. */
export function suffered(recording: Recording, stretch: Stretch): { sent: number; lost: number; reordered: number } {
  const ways = streamsOf.probe.map((stream) => {
    const packets = delays(recording, stream, stretch);
    let newest = -1;
    let reordered = 0;
    for (const [number] of recording.got[stream] ?? []) {
      const at = recording.sent[stream]?.[number] ?? 0;
      if (at >= stretch.from && at < stretch.to && number < newest) reordered++;
      newest = Math.max(newest, number);
    }
    return { sent: packets.length, lost: packets.filter((delay) => delay === null).length, reordered };
  });
  return {
    sent: ways.reduce((sum, way) => sum + way.sent, 0),
    lost: ways.reduce((sum, way) => sum + way.lost, 0),
    reordered: ways.reduce((sum, way) => sum + way.reordered, 0),
  };
}
