import { between, type Instant } from "../model/index.ts";

/** Both directions of the line, kbit/s. */
export interface LineRate {
  down: number;
  up: number;
}
type Direction = keyof LineRate;
const directions = ["down", "up"] as const;

/** One look at the line. */
export interface LineLook {
  at: Instant;
  /** What it carries, kbit/s. */
  carried: LineRate;
  /** Round trip to the other side of it, ms; null when no answer came. */
  roundTrip: number | null;
}

/** What was learned about a line. Plain data. */
export interface LineMemory {
  /** What it is thought to carry, kbit/s: never more than its owner says. */
  rate: LineRate;
  /** What plans are made with: follows `rate` down at once, and up in steps worth a change on the router. */
  inForce: LineRate;
  /** Round trip without load, ms. */
  base: number | null;
  /** Whether the last looks found a queue, newest last. */
  queued: readonly boolean[];
  /** When a direction was last lowered. */
  movedAt: Partial<LineRateTimes>;
  /** Since when a direction is full without a queue. */
  clearSince: Partial<LineRateTimes>;
}
type LineRateTimes = Record<Direction, Instant>;

/** A queue is this much longer than the base, ms, in so many of the last looks (cake-autorate: 30 ms, 3 of 6). */
const queueMs = 30;
const kept = 6;
const enough = 3;
/** Below this nothing waits. */
const clearMs = 10;
/** A direction is full from this share of what is in force (cake-autorate, QoSmate). */
const full = 0.75;
/** A queue at the line needs this share of it at least; with less, something else is slow. */
const busy = 0.3;
/** Which direction the queue is in does not show: first suspected is where nearly as much is used as in the other, */
const nearly = 0.8;
/** then, when lowering that has not helped for a while, the other. */
const helpsWithin = 30_000;
/** What really went through while a queue grew is what the line carries; a little less keeps the queue ours. */
const safe = 0.95;
const deepestCut = 0.75;
/** Never below this share of what the owner says: a broken line is not mended by giving it nothing. */
const least = 0.25;
const restAfterCut = 10_000;
const raise = 1.02;
const clearBeforeRaise = 60_000;
/** A higher rate is put in force when it is worth a change on the router. */
const worthRaising = 1.05;

/** A line of which only its owner's word is known. */
export function statedLine(stated: LineRate): LineMemory {
  return { rate: stated, inForce: stated, base: null, queued: [], movedAt: {}, clearSince: {} };
}

/**
 * What one more look teaches about a line. Errors are made on the low side: 3 % too much costs eight times the delay, 5 % too
 * little costs 5 %. A direction is lowered at once, towards what really goes through, when a queue grows while it is used, and
 * raised slowly while it is full without one. An idle line tells nothing but its base.
 */
export function learnLine(memory: LineMemory, { at, carried, roundTrip }: LineLook, stated: LineRate): LineMemory {
  const share = (direction: Direction) => carried[direction] / memory.inForce[direction];
  const most = Math.max(...directions.map(share));
  const loaded = most >= busy;
  const base = roundTrip === null ? memory.base : baseFrom(memory.base, roundTrip, loaded);
  // Silence while the line is idle is the other side's, not the line's.
  const waiting = roundTrip === null ? (loaded ? Number.POSITIVE_INFINITY : 0) : roundTrip - (base ?? roundTrip);
  const queued = [...memory.queued, loaded && waiting > queueMs].slice(-kept);
  const grows = queued.at(-1) === true && queued.filter(Boolean).length >= enough;
  const rate = { ...memory.rate };
  const movedAt = { ...memory.movedAt };
  const clearSince: Partial<LineRateTimes> = {};
  for (const direction of directions) {
    const passed = (way: Direction) => (memory.movedAt[way] === undefined ? Number.POSITIVE_INFINITY : between(memory.movedAt[way], at));
    const helpless = directions.some((way) => passed(way) >= restAfterCut && passed(way) < helpsWithin);
    const suspect = share(direction) >= busy && (share(direction) >= nearly * most || helpless);
    if (grows && suspect && passed(direction) >= restAfterCut) {
      const through = Math.max(carried[direction] * safe, memory.inForce[direction] * deepestCut);
      rate[direction] = Math.min(rate[direction], through);
      movedAt[direction] = at;
    }
    if (waiting > clearMs || share(direction) < full) continue;
    const since = memory.clearSince[direction] ?? at;
    const due = between(since, at) >= clearBeforeRaise;
    if (due) rate[direction] *= raise;
    clearSince[direction] = due ? at : since;
  }
  const inForce = { ...memory.inForce };
  for (const direction of directions) {
    rate[direction] = Math.min(stated[direction], Math.max(rate[direction], least * stated[direction]));
    const wanted = rate[direction];
    if (wanted < inForce[direction] || wanted >= Math.min(stated[direction], inForce[direction] * worthRaising))
      inForce[direction] = wanted;
  }
  return { rate, inForce, base, queued, movedAt, clearSince };
}

/** Routes change: a base that is never met again is forgotten slowly, and only while nothing waits. */
function baseFrom(base: number | null, roundTrip: number, loaded: boolean): number {
  if (base === null || roundTrip < base) return roundTrip;
  return loaded ? base : base + (roundTrip - base) * 0.05;
}
