import { add, read, type Table } from "./counts.ts";
import type { Moment } from "./moment.ts";
import { type Source, sinceSource, sources } from "./sources.ts";

/** Inputs that are stated rather than counted; their log-odds enter the pool as they are. */
export const statedInputs = ["declared-time", "declared-device", "declared-place", "declared-calendar", "stated"] as const;
export type StatedInput = (typeof statedInputs)[number];
export const statedWeight = 1;

const sinceSources: Source[] = [];
/** Source behind input `i`; undefined for stated inputs. Inputs are: counted sources, stated ones, one "since" per class. */
export function sourceOf(i: number): Source | undefined {
  if (i < sources.length) return sources[i];
  const k = i - sources.length - statedInputs.length;
  if (k < 0) return undefined;
  sinceSources[k] ??= sinceSource(k);
  return sinceSources[k];
}
export const inputCount = (classes: number): number => sources.length + statedInputs.length + classes;
export const inputName = (i: number): string => sourceOf(i)?.name ?? statedInputs[i - sources.length]!;
export const initialWeight = (i: number): number => sourceOf(i)?.weight ?? statedWeight;

/** Probabilities per source and the evidence of every input, row by row, `classes` wide. */
export interface EvidenceTable {
  classes: number;
  inputs: number;
  /** q: what each source believes. */
  beliefs: Float64Array;
  /** e: centred log-odds beyond the parent. */
  evidence: Float64Array;
}

const tiny = 1e-6;

export function gather(m: Moment, classes: number, tables: readonly Table[]): EvidenceTable {
  const inputs = inputCount(classes);
  const beliefs = new Float64Array(inputs * classes);
  const evidence = new Float64Array(inputs * classes);
  const logs = new Float64Array(inputs * classes);
  const counts = new Float64Array(classes);
  for (let i = 0; i < inputs; i++) {
    const row = i * classes;
    const source = sourceOf(i);
    if (!source) {
      const given = m.stated[inputName(i)];
      if (given) for (let k = 0; k < classes; k++) evidence[row + k] = given[k] ?? 0;
      continue;
    }
    const parentRow = source.parent * classes;
    const key = source.key(m);
    const cell = key === undefined ? undefined : tables[i]?.[key];
    if (!cell && source.parent >= 0) {
      for (let k = 0; k < classes; k++) {
        beliefs[row + k] = beliefs[parentRow + k]!;
        logs[row + k] = logs[parentRow + k]!;
      }
      continue;
    }
    const sum = cell ? read(cell, source.kernel, source.slot ? source.slot(m) : 0, m.day, source.halfLife, counts) : 0;
    if (!cell) counts.fill(0);
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      const prior = source.parent < 0 ? m.root[k]! : beliefs[parentRow + k]!;
      const q = (counts[k]! + source.backoff * prior) / (sum + source.backoff);
      const log = Math.log(q > tiny ? q : tiny);
      beliefs[row + k] = q;
      logs[row + k] = log;
      const e = source.parent < 0 ? log : log - logs[parentRow + k]!;
      evidence[row + k] = e;
      mean += e;
    }
    mean /= classes;
    for (let k = 0; k < classes; k++) evidence[row + k]! -= mean;
  }
  return { classes, inputs, beliefs, evidence };
}

/** Counts an outcome at every source (`amount` < 0 takes it back). */
export function count(m: Moment, outcome: number, classes: number, tables: Table[], amount: number): void {
  const inputs = inputCount(classes);
  for (let i = 0; i < inputs; i++) {
    const source = sourceOf(i);
    const key = source?.key(m);
    if (!source || key === undefined) continue;
    while (tables.length <= i) tables.push({});
    add(tables[i]!, key, source.slot ? source.slot(m) : 0, outcome, amount, m.day, source.halfLife);
  }
}
