import type { Table } from "./counts.ts";
import { count, type EvidenceTable, gather, initialWeight, inputCount } from "./evidence.ts";
import { durationSlot } from "./kernel.ts";
import type { Moment } from "./moment.ts";
import { sourceIndex } from "./sources.ts";

interface WeightSet {
  w: number[];
  b: number[];
  gw: number[];
  gb: number[];
}
export interface HabitState {
  tables: Table[];
  pools: Record<string, WeightSet>[];
  mixture: number[];
}
export interface Inference {
  e: EvidenceTable;
  selectors: string[];
  members: Float64Array[];
  p: Float64Array;
  meanWeights: Float64Array;
  bias: Float64Array;
}

const rates = [0.1, 0.03];
const selectors: ((m: Moment) => string)[] = [
  () => "",
  (m) => `${m.current}`,
  (m) => `${Math.floor(durationSlot(m.dwell) / 3)}`,
  (m) => `${Math.floor(m.minute / 240)}`,
  (m) => m.calendar,
  (m) => m.devices,
];
const pooled = rates.flatMap((rate) => selectors.map((select) => ({ rate, select })));
const plain = ["current", "current+dwell", "current+time", "current+previous", "time", "daytype+time"].map(sourceIndex);
const memberCount = pooled.length + 1 + plain.length;

export function createHabits(): HabitState {
  const mixture = new Array<number>(memberCount).fill(0.15 / (memberCount - 1));
  mixture[pooled.length] = 0.85;
  return { tables: [], pools: pooled.map(() => ({})), mixture };
}

function weights(state: HabitState, pool: number, selector: string, classes: number): WeightSet {
  const set = state.pools[pool]![selector] ?? { w: [], b: [], gw: [], gb: [] };
  const inputs = inputCount(classes);
  if (set.w.length === inputs) return set;
  const grown = <T>(old: readonly T[], length: number, value: (i: number) => T) => [
    ...old,
    ...Array.from({ length: length - old.length }, (_, i) => value(old.length + i)),
  ];
  return {
    w: grown(set.w, inputs, initialWeight),
    b: grown(set.b, classes, () => 0),
    gw: grown(set.gw, inputs, () => 0.01),
    gb: grown(set.gb, classes, () => 0.01),
  };
}

function softmax(z: Float64Array, allowed: readonly boolean[]): Float64Array {
  let max = -Infinity;
  for (let k = 0; k < z.length; k++) if (allowed[k] && z[k]! > max) max = z[k]!;
  const p = new Float64Array(z.length);
  let sum = 0;
  for (let k = 0; k < z.length; k++) if (allowed[k]) sum += p[k] = Math.exp(z[k]! - max);
  for (let k = 0; k < z.length; k++) p[k]! /= sum;
  return p;
}

export function infer(state: HabitState, m: Moment): Inference {
  const K = m.allowed.length;
  const e = gather(m, K, state.tables);
  const mean = new Float64Array(K);
  const keys = pooled.map((p) => p.select(m));
  const members: Float64Array[] = [];
  const meanWeights = new Float64Array(e.inputs);
  const bias = new Float64Array(K);
  for (let j = 0; j < pooled.length; j++) {
    const { w, b } = weights(state, j, keys[j]!, K);
    const z = Float64Array.from(b);
    for (let i = 0, r = 0; i < e.inputs; i++) for (let k = 0; k < K; k++, r++) z[k]! += w[i]! * e.evidence[r]!;
    for (let k = 0; k < K; k++) mean[k]! += z[k]! / pooled.length;
    for (let i = 0; i < e.inputs; i++) meanWeights[i]! += w[i]! / pooled.length;
    for (let k = 0; k < K; k++) bias[k]! += b[k]! / pooled.length;
    members.push(softmax(z, m.allowed));
  }
  members.push(softmax(mean, m.allowed));
  for (const i of plain) {
    const q = e.beliefs.slice(i * K, (i + 1) * K);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += q[k]! *= m.allowed[k] ? 1 : 0;
    for (let k = 0; k < K; k++) q[k]! /= Math.max(sum, 1e-9);
    members.push(q);
  }
  const p = new Float64Array(K);
  members.forEach((q, r) => {
    for (let k = 0; k < K; k++) p[k]! += state.mixture[r]! * q[k]!;
  });
  return { e, selectors: keys, members, p, meanWeights, bias };
}

export function learnFrom(state: HabitState, m: Moment, f: Inference, y: number, amount = 1): void {
  const K = m.allowed.length;
  let total = 0;
  f.members.forEach((q, r) => {
    total += state.mixture[r]! *= Math.max(q[y]!, 1e-4) ** (0.5 * amount);
  });
  state.mixture = state.mixture.map((v) => (0.995 * v) / total + 0.005 / memberCount);
  for (let j = 0; j < pooled.length; j++) {
    const set = weights(state, j, f.selectors[j]!, K);
    state.pools[j]![f.selectors[j]!] = set;
    const d = Float64Array.from(f.members[j]!);
    d[y]! -= 1;
    for (let i = 0, r = 0; i < f.e.inputs; i++) {
      let g = 0;
      for (let k = 0; k < K; k++, r++) g += amount * d[k]! * f.e.evidence[r]!;
      set.gw[i]! += g * g;
      set.w[i]! -= (pooled[j]!.rate * g) / Math.sqrt(set.gw[i]!);
    }
    for (let k = 0; k < K; k++) {
      set.gb[k]! += d[k]! ** 2;
      set.b[k]! -= (pooled[j]!.rate * 0.5 * d[k]!) / Math.sqrt(set.gb[k]!);
    }
  }
  count(m, y, K, state.tables, amount);
}

/** What each input and the bias add to each class, averaged over the pools. */
export function poolContributions(f: Inference): { evidence: Float64Array; bias: Float64Array } {
  const { classes } = f.e;
  return { evidence: f.e.evidence.map((v, at) => v * f.meanWeights[Math.floor(at / classes)]!), bias: f.bias };
}
