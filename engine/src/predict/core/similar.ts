import { column, firstOf, type Memory, octave, perClassAt, rowOf, widthOf } from "./memory.ts";
import { canStay, type Moment } from "./moment.ts";

/** Distances at which a past moment counts 1/e, from broad to sharp, each half the one before, to which it backs off. */
export const scales: readonly number[] = [3, 1.5, 0.75];
const { minute, current, last, last2, weekend, lately, nthToday, dwell, previousDwell, place, devices, calendar, known } = column;
const farthest = 10;
const halfLife = 60;
const backoff = 1;

/** What a difference costs, in units of distance. Durations per column step, the clock per minute; per-class differences are averaged over the classes. */
const cost = {
  current: 2,
  last: 1,
  last2: 0.5,
  minute: 0.5 / 60,
  dwell: 0.6 / octave,
  previousDwell: 0.4 / octave,
  weekend: 0.3,
  lately: 0.2,
  nthToday: 0.1,
  since: 1.5 / octave,
  timesToday: 0.5,
  place: 1,
  devices: 1,
  calendar: 1,
};

/** Bits that are set, summed in pairs, nibbles and bytes. */
function bits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Distance from `here` of every row from `first` on, in order; Infinity when it is too far. One long loop: all of the time goes here. */
function distances(memory: Memory, here: readonly number[], first: number): Float64Array {
  const { rows, classes } = memory;
  const aMinute = here[minute]!;
  const aCurrent = here[current]!;
  const aLast = here[last]!;
  const aLast2 = here[last2]!;
  const aWeekend = here[weekend]!;
  const aPlace = here[place]!;
  const aDevices = here[devices]!;
  const aCalendar = here[calendar]!;
  const aDwell = here[dwell]!;
  const aPreviousDwell = here[previousDwell]!;
  const aLately = here[lately]!;
  const aNth = here[nthToday]!;
  const aKnown = here[known]!;
  const width = widthOf(classes);
  const found = new Float64Array((rows.length - first) / width).fill(Infinity);
  for (let at = first, i = 0; at < rows.length; at += width, i++) {
    let d = rows[at + current] === aCurrent ? 0 : cost.current;
    if (rows[at + last] !== aLast) d += cost.last;
    if (rows[at + last2] !== aLast2) d += cost.last2;
    if (rows[at + weekend] !== aWeekend) d += cost.weekend;
    if (rows[at + place] !== aPlace) d += cost.place;
    if (rows[at + devices] !== aDevices) d += cost.devices;
    if (rows[at + calendar] !== aCalendar) d += cost.calendar;
    const apart = Math.abs(rows[at + minute]! - aMinute);
    d += cost.minute * Math.min(apart, 1440 - apart);
    d += cost.dwell * Math.abs(rows[at + dwell]! - aDwell) + cost.previousDwell * Math.abs(rows[at + previousDwell]! - aPreviousDwell);
    if (d > farthest) continue;
    d += cost.lately * bits(rows[at + lately]! ^ aLately) + cost.nthToday * Math.abs(rows[at + nthToday]! - aNth);
    // Classes met only after the moment cost nothing.
    const both = Math.min(rows[at + known]!, aKnown);
    const since = at + perClassAt;
    const times = since + classes;
    const among = Math.max(1, both);
    const room = (farthest - d) * among;
    let apartBy = 0;
    // Most moments are too far away, and most of these are known to be before all classes are compared.
    for (let k = 0; k < both && apartBy <= room; k++) {
      apartBy +=
        cost.since * Math.abs(rows[since + k]! - here[perClassAt + k]!) +
        cost.timesToday * Math.abs(rows[times + k]! - here[perClassAt + classes + k]!);
    }
    if (apartBy <= room) found[i] = d + apartBy / among;
  }
  return found;
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
  const { rows } = memory;
  const here = rowOf(memory, m);
  const counts = scales.map(() => new Float64Array(classes));
  const [broad, close, closest] = counts as [Float64Array, Float64Array, Float64Array];
  const stays = canStay(m);
  let [day, faded] = [m.day, 1];
  const width = widthOf(memory.classes);
  const first = firstOf(memory);
  const apart = distances(memory, here, first);
  for (let i = 0, at = first; i < apart.length; i++, at += width) {
    const d = apart[i]!;
    if (d === Infinity) continue;
    if (rows[at + column.day] !== day) {
      day = rows[at + column.day]!;
      faded = 2 ** (Math.min(0, day - m.day) / halfLife);
    }
    const amount = rows[at + column.amount]! * faded;
    const outcome = rows[at + column.outcome]!;
    // What went on then would go on now: staying is alike whatever it is that stays.
    const came = stays && outcome === rows[at + column.current] ? m.current : outcome;
    const near = Math.exp(-d / scales[0]!);
    const nearer = near * near;
    broad[came]! += amount * near;
    close[came]! += amount * nearer;
    closest[came]! += amount * nearer * nearer;
  }
  let prior = parent;
  return counts.map((counted, s) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += counted[k]!;
    const belief = new Float64Array(classes);
    const at = row + s * classes;
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      belief[k] = (counted[k]! + backoff * prior[k]!) / (sum + backoff);
      evidence[at + k] = Math.log(Math.max(belief[k]!, 1e-6) / Math.max(prior[k]!, 1e-6));
      mean += evidence[at + k]! / classes;
    }
    for (let k = 0; k < classes; k++) evidence[at + k]! -= mean;
    prior = belief;
    return belief;
  });
}
