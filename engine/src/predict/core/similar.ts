import { canStay, type Moment } from "./moment.ts";

/** A past moment, as far as it is compared with others, and what came of it. */
export interface Remembered {
  day: number;
  minute: number;
  current: number;
  last: number;
  last2: number;
  weekend: boolean;
  lately: number;
  nthToday: number;
  dwell: number;
  previousDwell: number;
  since: number[];
  timesToday: number[];
  place: string;
  devices: string;
  calendar: string;
  outcome: number;
  amount: number;
}
/** Past moments, oldest first. */
export type Memory = Remembered[];

/** Distances at which a past moment counts 1/e, from broad to sharp, each half the one before, to which it backs off. */
export const scales: readonly number[] = [3, 1.5, 0.75];
const farthest = 10;
const mostRemembered = 2000;
const halfLife = 60;
const backoff = 1;

/** What a difference costs, in units of distance. Half octaves for durations, hours for the clock; per-class differences are averaged over the classes. */
const cost = {
  current: 2,
  last: 1,
  last2: 0.5,
  hour: 0.5,
  dwell: 0.3,
  previousDwell: 0.2,
  weekend: 0.3,
  lately: 0.2,
  nthToday: 0.1,
  since: 0.75,
  timesToday: 0.5,
  place: 1,
  devices: 1,
  calendar: 1,
};
const halfOctaves = (minutes: number) => 2 * Math.log2(1 + Math.max(0, minutes) / 5);

function describe(m: Moment, outcome: number, amount: number): Remembered {
  return {
    day: m.day,
    minute: m.minute,
    current: m.current,
    last: m.last,
    last2: m.last2,
    weekend: m.weekday >= 5,
    lately: m.lately,
    nthToday: Math.min(m.nthToday, 25),
    dwell: halfOctaves(m.dwell),
    previousDwell: halfOctaves(m.previousDwell),
    since: m.since.map(halfOctaves),
    timesToday: m.timesToday.map((times) => Math.min(times, 4)),
    place: m.place,
    devices: m.devices,
    calendar: m.calendar,
    outcome,
    amount,
  };
}

/** Bits that are set, summed in pairs, nibbles and bytes. */
function bits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function distance(a: Remembered, b: Remembered): number {
  let d = a.current === b.current ? 0 : cost.current;
  if (a.last !== b.last) d += cost.last;
  if (a.last2 !== b.last2) d += cost.last2;
  if (a.weekend !== b.weekend) d += cost.weekend;
  if (a.place !== b.place) d += cost.place;
  if (a.devices !== b.devices) d += cost.devices;
  if (a.calendar !== b.calendar) d += cost.calendar;
  const apart = Math.abs(a.minute - b.minute);
  d += (cost.hour * Math.min(apart, 1440 - apart)) / 60;
  d += cost.dwell * Math.abs(a.dwell - b.dwell) + cost.previousDwell * Math.abs(a.previousDwell - b.previousDwell);
  if (d > farthest) return d;
  d += cost.lately * bits(a.lately ^ b.lately) + cost.nthToday * Math.abs(a.nthToday - b.nthToday);
  // Classes met only after `a` happened cost nothing.
  const known = Math.min(a.since.length, b.since.length);
  let classwise = 0;
  for (let k = 0; k < known; k++) classwise += cost.since * Math.abs(a.since[k]! - b.since[k]!);
  for (let k = 0; k < known; k++) classwise += cost.timesToday * Math.abs(a.timesToday[k]! - b.timesToday[k]!);
  return d + classwise / Math.max(1, known);
}

/**
 * What came of similar moments: one belief per scale. Similarity weighs everything at once, so it sees combinations that
 * no table of counts has enough examples for.
 */
export function gatherSimilar(
  m: Moment,
  classes: number,
  memory: Memory,
  parent: Float64Array,
  evidence: Float64Array,
  row: number,
): Float64Array[] {
  const here = describe(m, -1, 0);
  const counts = scales.map(() => new Float64Array(classes));
  const sums = new Float64Array(scales.length);
  const stays = canStay(m);
  let [day, faded] = [m.day, 1];
  for (const past of memory) {
    const d = distance(past, here);
    if (d > farthest) continue;
    if (past.day !== day) [day, faded] = [past.day, 2 ** (Math.min(0, past.day - m.day) / halfLife)];
    const amount = past.amount * faded;
    let near = Math.exp(-d / scales[0]!);
    // What went on then would go on now: staying is alike whatever it is that stays.
    const came = stays && past.outcome === past.current ? m.current : past.outcome;
    for (let s = 0; s < scales.length; s++) {
      const weight = amount * near;
      near *= near;
      counts[s]![came]! += weight;
      sums[s]! += weight;
    }
  }
  let prior = parent;
  return scales.map((_, s) => {
    const belief = new Float64Array(classes);
    const at = row + s * classes;
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      belief[k] = (counts[s]![k]! + backoff * prior[k]!) / (sums[s]! + backoff);
      evidence[at + k] = Math.log(Math.max(belief[k]!, 1e-6) / Math.max(prior[k]!, 1e-6));
      mean += evidence[at + k]! / classes;
    }
    for (let k = 0; k < classes; k++) evidence[at + k]! -= mean;
    prior = belief;
    return belief;
  });
}

export function remember(m: Moment, outcome: number, memory: Memory, amount: number): void {
  memory.push(describe(m, outcome, amount));
  if (memory.length > mostRemembered) memory.shift();
}
