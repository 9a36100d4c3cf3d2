import type { Split } from "./staying.ts";

/** Inputs that say anything; the others need no arithmetic. */
export function speaking(evidence: Float64Array, classes: number): number[] {
  const rows: number[] = [];
  for (let row = 0, at = 0; at < evidence.length; row++, at += classes) {
    let k = 0;
    while (k < classes && evidence[at + k] === 0) k++;
    if (k < classes) rows.push(row);
  }
  return rows;
}

/** Log-linear pool of the inputs that speak: z = sum of weight x evidence, plus a bias per class. */
export function pooled(
  evidence: Float64Array,
  speaking: readonly number[],
  weights: readonly number[],
  bias: readonly number[],
): Float64Array {
  const classes = bias.length;
  const z = new Float64Array(classes);
  for (let k = 0; k < classes; k++) z[k] = bias[k]!;
  for (const row of speaking) {
    const weight = weights[row]!;
    for (let k = 0, at = row * classes; k < classes; k++, at++) z[k]! += weight * evidence[at]!;
  }
  return z;
}

/** The same with two weights per input, for staying and for what comes instead; up to a constant. */
export function pooledSplit(
  { current, staying, instead }: Split,
  speaking: readonly number[],
  weights: readonly number[],
  bias: readonly number[],
): Float64Array {
  const classes = bias.length;
  const z = new Float64Array(classes);
  for (let k = 0; k < classes; k++) z[k] = bias[k]!;
  let stays = 0;
  for (let s = 0; s < speaking.length; s++) {
    const i = speaking[s]!;
    const weight = weights[2 * i + 1]!;
    stays += weights[2 * i]! * staying[i]!;
    for (let k = 0, at = i * classes; k < classes; k++, at++) z[k]! += weight * instead[at]!;
  }
  if (current >= 0) z[current]! += stays;
  return z;
}

/** Probabilities over the allowed classes. */
export function softmax(z: Float64Array, allowed: readonly boolean[]): Float64Array {
  let largest = -Infinity;
  for (let k = 0; k < z.length; k++) if (allowed[k] && z[k]! > largest) largest = z[k]!;
  const p = new Float64Array(z.length);
  let sum = 0;
  for (let k = 0; k < z.length; k++) {
    if (!allowed[k]) continue;
    p[k] = Math.exp(z[k]! - largest);
    sum += p[k]!;
  }
  for (let k = 0; k < z.length; k++) p[k]! /= sum;
  return p;
}

/** Beliefs, the ones that begin at `from`, restricted to the allowed classes. */
export function restricted(belief: Float64Array, allowed: readonly boolean[], from = 0): Float64Array {
  const p = new Float64Array(allowed.length);
  let sum = 0;
  for (let k = 0; k < p.length; k++) if (allowed[k]) sum += belief[from + k]!;
  for (let k = 0; k < p.length; k++) p[k] = allowed[k] ? belief[from + k]! / Math.max(sum, 1e-9) : 0;
  return p;
}
