import { add, read, type Table } from "./counts.ts";
import { clockKernel, daySlot, durationKernel, durationSlot, type Kernel } from "./kernel.ts";
import type { Moment } from "./moment.ts";

/**
 * A view of one class at a time: given when it was last seen, how often today and what time it is, did it happen or not?
 * Its evidence is the log-odds beyond its parent. It learns a rhythm ("dinner once a day") from few examples.
 */
export interface OwnSource {
  name: string;
  parent: number;
  /** "" when the moment says nothing about it. `which` names the class, and whether it is going on. */
  key(which: string, m: Moment, k: number): string;
  slot?: (m: Moment, k: number) => number;
  kernel?: Kernel;
  backoff: number;
  halfLife: number;
}

/** A class that is going on and may go on is another matter than one that would have to begin. */
const namesOf = (m: Moment): string[] => m.allowed.map((_, k) => (k === m.current ? `${k} on` : `${k}`));
const itself: OwnSource["key"] = (which) => which;
const sinceSlot = (m: Moment, k: number) => durationSlot(m.since[k]!);
const clockSlot = (m: Moment) => daySlot(m.minute);
const near = clockKernel(45);
const hours = clockKernel(90);

/** The first one is the base rate: it gives no evidence of its own. */
export const ownSources: readonly OwnSource[] = [
  { name: "own", parent: -1, key: itself, backoff: 1, halfLife: 90 },
  { name: "own-since", parent: 0, key: itself, slot: sinceSlot, kernel: durationKernel, backoff: 2, halfLife: 90 },
  { name: "own-today", parent: 0, key: (which, m, k) => `${which},${Math.min(4, m.timesToday[k]!)}`, backoff: 2, halfLife: 90 },
  { name: "own-time", parent: 0, key: itself, slot: clockSlot, kernel: near, backoff: 2, halfLife: 60 },
  {
    name: "own-today+time",
    parent: 3,
    key: (which, m, k) => `${which},${Math.min(2, m.timesToday[k]!)}`,
    slot: clockSlot,
    kernel: hours,
    backoff: 2,
    halfLife: 60,
  },
  {
    name: "own-since+time",
    parent: 3,
    key: (which, m, k) => `${which},${sinceSlot(m, k) >> 1}`,
    slot: clockSlot,
    kernel: hours,
    backoff: 2,
    halfLife: 90,
  },
  {
    name: "own-since+current",
    parent: 1,
    key: (which, m) => `${which},${m.current}`,
    slot: sinceSlot,
    kernel: durationKernel,
    backoff: 2,
    halfLife: 90,
  },
  { name: "own-devices", parent: 0, key: (which, m) => m.devices && `${which},${m.devices}`, backoff: 2, halfLife: 90 },
];

export type OwnTables = Record<string, Table>;
const surest = 1 - 1e-4;
const logit = (p: number) => Math.log(p / (1 - p));

/** Writes the evidence of every own source into consecutive rows of `evidence`, from `row` on. */
export function gatherOwn(m: Moment, classes: number, tables: OwnTables, evidence: Float64Array, row: number): void {
  const seen = new Float64Array(2);
  const logits = new Float64Array(ownSources.length * classes);
  const rates = new Float64Array(ownSources.length * classes);
  const names = namesOf(m);
  ownSources.forEach((source, i) => {
    const table = tables[source.name];
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      const up = source.parent * classes + k;
      const parent = source.parent < 0 ? 1 / Math.max(2, classes) : rates[up]!;
      const key = source.key(names[k]!, m, k);
      const cell = key ? table?.[key] : undefined;
      let rate = parent;
      if (cell) {
        const sum = read(cell, source.kernel, source.slot ? source.slot(m, k) : 0, m.day, source.halfLife, seen);
        rate = Math.min(surest, Math.max(1 - surest, (seen[1]! + source.backoff * parent) / (sum + source.backoff)));
      }
      const at = i * classes + k;
      rates[at] = rate;
      logits[at] = logit(rate);
      if (source.parent < 0) continue;
      const beyond = logits[at]! - logits[up]!;
      evidence[row + at] = beyond;
      mean += beyond / classes;
    }
    for (let k = 0; k < classes; k++) evidence[row + i * classes + k]! -= mean;
  });
}

/** Counts for every class that could have come whether it did. */
export function countOwn(m: Moment, outcome: number, tables: OwnTables, amount: number): void {
  const names = namesOf(m);
  for (const source of ownSources) {
    tables[source.name] ??= {};
    m.allowed.forEach((possible, k) => {
      const key = source.key(names[k]!, m, k);
      if (!possible || !key) return;
      add(tables[source.name]!, key, source.slot ? source.slot(m, k) : 0, k === outcome ? 1 : 0, amount, m.day, source.halfLife);
    });
  }
}
