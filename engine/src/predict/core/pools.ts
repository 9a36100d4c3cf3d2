import { initialWeight, inputCount } from "./evidence.ts";
import { durationSlot } from "./kernel.ts";
import type { Moment } from "./moment.ts";

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

const extended = (old: readonly number[] | undefined, length: number, value: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => old?.[i] ?? value(i));

/** The weights of a selector's value, two per input (see `splitStaying`); a new value starts where every one starts. */
export function weightsOf(pool: Pool, value: string, classes: number): WeightSet {
  const set = pool[value];
  const rows = 2 * inputCount(classes);
  if (set?.w.length === rows) return set;
  return {
    w: extended(set?.w, rows, (row) => initialWeight(row >> 1)),
    b: extended(set?.b, classes, () => 0),
    gw: extended(set?.gw, rows, () => firstSquare),
    gb: extended(set?.gb, classes, () => firstSquare),
  };
}

/** One step down the gradient of the log loss. `gradient` per row; `error` = p - outcome, per class; both count `amount` times. */
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

/** Gradient of the log loss per row: sum over classes of error x evidence. */
export function gradientOf(evidence: Float64Array, error: Float64Array): Float64Array {
  const classes = error.length;
  const gradient = new Float64Array(evidence.length / classes);
  for (let i = 0, at = 0; i < gradient.length; i++) {
    let g = 0;
    for (let k = 0; k < classes; k++, at++) g += error[k]! * evidence[at]!;
    gradient[i] = g;
  }
  return gradient;
}
