import { initialWeight, inputCount } from "./evidence.ts";
import { durationSlot } from "./kernel.ts";
import type { Moment } from "./moment.ts";
import type { Split } from "./staying.ts";

/** Weights and biases for one value of a selector, with the squared gradients that set their step sizes (Adagrad). */
export interface WeightSet {
  w: number[];
  b: number[];
  gw: number[];
  gb: number[];
}
/** Weight sets by value of the selector. */
export type Pool = Record<string, WeightSet>;

/** What a pool's weights may depend on; undefined when the moment says nothing about it. */
const selectors: readonly ((m: Moment) => string | undefined)[] = [
  () => "always",
  (m) => `${m.current}`,
  (m) => `${Math.floor(durationSlot(m.dwell) / 3)}`,
  (m) => `${Math.floor(m.minute / 240)}`,
  (m) => m.calendar || undefined,
  (m) => m.devices || undefined,
];
const rates = [0.1, 0.03];
const biasRate = 0.5;
export const firstSquare = 0.01;

/** Every pool: a selector at a learning rate. */
export const pools: readonly { rate: number; select: (m: Moment) => string | undefined }[] = rates.flatMap((rate) =>
  selectors.map((select) => ({ rate, select })),
);

function extended(old: WeightSet | undefined, classes: number): WeightSet {
  const rows = 2 * inputCount(classes);
  const fill = (list: readonly number[] | undefined, length: number, value: (i: number) => number) =>
    Array.from({ length }, (_, i) => list?.[i] ?? value(i));
  return {
    w: fill(old?.w, rows, (row) => initialWeight(row >> 1)),
    b: fill(old?.b, classes, () => 0),
    gw: fill(old?.gw, rows, () => firstSquare),
    gb: fill(old?.gb, classes, () => firstSquare),
  };
}

/** Where every value of a selector starts, by number of classes. Shared, so never to be changed. */
const starts: WeightSet[] = [];
function start(classes: number): Readonly<WeightSet> {
  starts[classes] ??= extended(undefined, classes);
  return starts[classes];
}

/** The weights of a selector's value, two per input (see `splitStaying`); to look at only. */
export function weightsOf(pool: Pool, value: string, classes: number): Readonly<WeightSet> {
  const set = pool[value];
  if (!set) return start(classes);
  return set.b.length === classes ? set : extended(set, classes);
}

/** The weights of a selector's value, to learn: kept in the pool from now on. */
export function ownWeights(pool: Pool, value: string, classes: number): WeightSet {
  const set = pool[value];
  if (set?.b.length === classes) return set;
  pool[value] = extended(set, classes);
  return pool[value];
}

/** One step down the gradient of the log loss. `gradient` per weight; `error` = p - outcome, per class; both count `amount` times. */
export function step(set: WeightSet, rate: number, gradient: Float64Array, error: Float64Array, amount: number): void {
  for (let i = 0; i < gradient.length; i++) {
    const g = gradient[i]!;
    if (g === 0) continue;
    set.gw[i]! += amount * g * g;
    set.w[i]! -= (rate * amount * g) / Math.sqrt(set.gw[i]!);
  }
  for (let k = 0; k < error.length; k++) {
    const g = error[k]!;
    set.gb[k]! += amount * g * g;
    set.b[k]! -= (rate * biasRate * amount * g) / Math.sqrt(set.gb[k]!);
  }
}

/** Gradient of the log loss per weight, two per input: for staying and for what comes instead. `error` sums to 0. */
export function gradientOf({ current, staying, instead }: Split, speaking: readonly number[], error: Float64Array): Float64Array {
  const classes = error.length;
  const gradient = new Float64Array(2 * staying.length);
  for (const i of speaking) {
    let g = 0;
    for (let k = 0, at = i * classes; k < classes; k++, at++) g += error[k]! * instead[at]!;
    if (current >= 0) gradient[2 * i] = error[current]! * staying[i]!;
    gradient[2 * i + 1] = g;
  }
  return gradient;
}
