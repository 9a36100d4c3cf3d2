import { add, type Cell, fadeCell, read, type Table } from "./counts.ts";
import { fadeMemory, type Memory, nothingRemembered, putBack, remember, takeLatest } from "./memory.ts";
import { canStay, type Moment } from "./moment.ts";
import { countOwn, gatherOwn, type OwnTables, ownSources } from "./own.ts";
import { gatherSimilar, scales } from "./similar.ts";
import { speaking } from "./softmax.ts";
import { type Source, sinceSource, sourceIndex, sources } from "./sources.ts";
import { believeStaying } from "./staying.ts";

/** Inputs that are stated rather than counted; their log-odds enter the pool as they are. */
export const statedInputs = ["declared-time", "declared-device", "declared-place", "declared-calendar", "stated"] as const;
export type StatedInput = (typeof statedInputs)[number];
const statedWeight = 1;
const usualWeight = 0.2;

/** Everything that was counted. Tables by source name. */
export interface Observed {
  tables: Record<string, Table>;
  own: OwnTables;
  memory: Memory;
}
export const nothingObserved = (): Observed => ({ tables: {}, own: {}, memory: nothingRemembered() });

// The order of the inputs: counted sources, own sources, similar moments, stated ones, and last, so that classes can be
// added, one "since" source per class.
const ownAt = sources.length;
const similarAt = ownAt + ownSources.length;
const statedAt = similarAt + scales.length;
/** Inputs that exist whatever the classes are. */
export const fixedInputs: number = statedAt + statedInputs.length;
export const inputCount = (classes: number): number => fixedInputs + classes;

/** Their names, in order: a saved state says which ones its weights are about. */
export const inputNames: readonly string[] = [
  ...sources.map((s) => s.name),
  ...ownSources.map((s) => s.name),
  ...scales.map((_, s) => `similar-${["broad", "close", "closest"][s]}`),
  ...statedInputs,
];
export const inputName = (i: number): string => inputNames[i] ?? `since-${i - fixedInputs}`;
/** Index of one of the fixed inputs. */
export const inputIndex = (name: string): number => inputNames.indexOf(name);
export function initialWeight(i: number): number {
  if (i >= statedAt && i < fixedInputs) return statedWeight;
  return sources[i]?.weight ?? usualWeight;
}

const sinceSources: Source[] = [];
function sinceOf(k: number): Source {
  sinceSources[k] ??= sinceSource(k);
  return sinceSources[k];
}

/** What every input says about a moment, row by row, `classes` wide. */
export interface EvidenceTable {
  classes: number;
  inputs: number;
  /** Centred log-odds beyond the parent. */
  evidence: Float64Array;
  /** Inputs that say anything. */
  speaking: readonly number[];
  /** Beliefs of the counted sources, row by row. */
  beliefs: Float64Array;
  /** Beliefs from similar moments, per scale. */
  similar: Float64Array[];
}

const tiny = 1e-6;
const historySource = sourceIndex("history");
const stayingSource = sourceIndex("staying");
const currentSource = sourceIndex("current");

export function gather(m: Moment, observed: Observed): EvidenceTable {
  const classes = m.allowed.length;
  const inputs = inputCount(classes);
  const evidence = new Float64Array(inputs * classes);
  const beliefs = new Float64Array(sources.length * classes);
  const logs = new Float64Array(sources.length * classes);
  const belief = new Float64Array(classes);
  const counts = new Float64Array(Math.max(2, classes));
  const consult = (source: Source, row: number, keep: number) => {
    const up = source.parent * classes;
    const key = source.key(m);
    const cell = key === undefined ? undefined : observed.tables[source.name]?.[key];
    const guesses = source.staying && key !== undefined;
    if (!cell && source.parent >= 0 && !guesses) {
      if (keep < 0) return;
      for (let k = 0; k < classes; k++) {
        beliefs[keep + k] = beliefs[up + k]!;
        logs[keep + k] = logs[up + k]!;
      }
      return;
    }
    counts.fill(0);
    const sum = cell ? read(cell, source.kernel, source.slot ? source.slot(m) : 0, m.day, source.halfLife, counts) : 0;
    if (guesses) {
      const first = sources[source.parent]?.staying === false;
      const stays = { ended: counts[0]!, wentOn: counts[1]!, backoff: source.backoff, first };
      believeStaying(m, beliefs.subarray(up, up + classes), stays, belief);
    } else {
      for (let k = 0; k < classes; k++) {
        const prior = source.parent < 0 ? m.root[k]! : beliefs[up + k]!;
        belief[k] = (counts[k]! + source.backoff * prior) / (sum + source.backoff);
      }
    }
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      const log = Math.log(Math.max(belief[k]!, tiny));
      const beyond = source.parent < 0 ? log : log - logs[up + k]!;
      evidence[row + k] = beyond;
      mean += beyond / classes;
      if (keep < 0) continue;
      beliefs[keep + k] = belief[k]!;
      logs[keep + k] = log;
    }
    for (let k = 0; k < classes; k++) evidence[row + k]! -= mean;
  };
  sources.forEach((source, i) => {
    consult(source, i * classes, i * classes);
  });
  if (canStay(m)) {
    // How often things happen at all says nothing against what is already going on; so both speak as one.
    for (let k = 0; k < classes; k++) {
      evidence[stayingSource * classes + k]! += evidence[historySource * classes + k]!;
      evidence[historySource * classes + k] = 0;
    }
  }
  for (let k = 0; k < classes; k++) consult(sinceOf(k), (fixedInputs + k) * classes, -1);
  gatherOwn(m, classes, observed.own, evidence, ownAt * classes);
  const current = beliefs.subarray(currentSource * classes, (currentSource + 1) * classes);
  const similar = gatherSimilar(m, classes, observed.memory, current, evidence, similarAt * classes);
  statedInputs.forEach((name, i) => {
    m.stated[name]?.forEach((logOdds, k) => {
      evidence[(statedAt + i) * classes + k] = logOdds;
    });
  });
  return { classes, inputs, evidence, speaking: speaking(evidence, classes), beliefs, similar };
}

/** Counts what happened and remembers the moment. */
export function count(m: Moment, outcome: number, observed: Observed, amount: number): void {
  countInTables(m, outcome, observed, amount);
  remember(observed.memory, m, outcome, amount);
}

/** A negative amount takes it back. */
function countInTables(m: Moment, outcome: number, observed: Observed, amount: number): void {
  const classes = m.allowed.length;
  const into = (source: Source) => {
    const key = source.key(m);
    if (key === undefined) return;
    observed.tables[source.name] ??= {};
    const counted = source.staying ? Number(outcome === m.current) : outcome;
    add(observed.tables[source.name]!, key, source.slot ? source.slot(m) : 0, counted, amount, m.day, source.halfLife);
  };
  sources.forEach(into);
  for (let k = 0; k < classes; k++) into(sinceOf(k));
  countOwn(m, outcome, observed.own, amount);
}

/** Runs `look` as if the given observations, the latest ones made, had not been made yet. */
export function without<T>(observed: Observed, late: readonly { moment: Moment; outcome: number; amount: number }[], look: () => T): T {
  const taken = takeLatest(observed.memory, late.length);
  for (const { moment, outcome, amount } of late) countInTables(moment, outcome, observed, -amount);
  const seen = look();
  for (const { moment, outcome, amount } of late) countInTables(moment, outcome, observed, amount);
  putBack(observed.memory, taken);
  return seen;
}

/** How many observations there are, by what they still count. */
export function experience({ tables }: Observed): number {
  return tables.history?.[""]?.n.reduce((sum, n) => sum + n, 0) ?? 0;
}

export function cellsOf({ tables, own }: Observed): Cell[] {
  return [...Object.values(tables), ...Object.values(own)].flatMap((table) => Object.values(table));
}

/** Makes everything observed count less. */
export function fade(observed: Observed, factor: number): void {
  for (const cell of cellsOf(observed)) fadeCell(cell, factor);
  fadeMemory(observed.memory, factor);
}
