import { fixedInputs, initialWeight } from "./evidence.ts";

/**
 * A Gaussian belief about the weights of one pool, updated by Bayes' rule with every outcome (extended Kalman filter on the
 * softmax). It finds good weights from few outcomes, because it knows which ones are still uncertain.
 * Order: the fixed inputs, then for each class its "since" input and its bias, so that classes can be added at the end.
 */
export interface Posterior {
  mean: number[];
  /** Row-major covariance. */
  covariance: number[];
}

export const priorVariance = 0.1;
/** Share by which a variance grows back towards its prior with each outcome: habits drift. */
const drift = 2e-6;
const negligible = 1e-3;

const sizeFor = (classes: number) => fixedInputs + 2 * classes;
const inputAt = (i: number) => (i < fixedInputs ? i : fixedInputs + 2 * (i - fixedInputs));
const biasAt = (k: number) => fixedInputs + 2 * k + 1;

export const noPosterior = (): Posterior => ({ mean: [], covariance: [] });

export function isPosterior({ mean, covariance }: Partial<Posterior>): boolean {
  if (!mean || !covariance || covariance.length !== mean.length ** 2) return false;
  return mean.length === 0 || (mean.length > fixedInputs && (mean.length - fixedInputs) % 2 === 0);
}

function initialMean(i: number): number {
  if (i < fixedInputs) return initialWeight(i);
  return (i - fixedInputs) % 2 === 0 ? initialWeight(fixedInputs) : 0;
}

/** The posterior over at least so many classes; weights not met before have their prior. */
export function extendedTo(old: Posterior, classes: number): Posterior {
  const size = sizeFor(classes);
  const before = old.mean.length;
  if (before >= size) return old;
  const covariance = new Array<number>(size * size).fill(0);
  for (let i = 0; i < before; i++) for (let j = 0; j < before; j++) covariance[i * size + j] = old.covariance[i * before + j]!;
  for (let i = before; i < size; i++) covariance[i * size + i] = priorVariance;
  return { mean: Array.from({ length: size }, (_, i) => old.mean[i] ?? initialMean(i)), covariance };
}

/** Expected weights per input and bias per class; what it has not met has its prior. */
export function expected({ mean }: Posterior, inputs: number, classes: number): { weights: number[]; bias: number[] } {
  const at = (i: number) => mean[i] ?? initialMean(i);
  return {
    weights: Array.from({ length: inputs }, (_, i) => at(inputAt(i))),
    bias: Array.from({ length: classes }, (_, k) => at(biasAt(k))),
  };
}

/** Bayes' rule for one outcome, counted `amount` times. `p` is what was predicted with the expected weights. */
export function update(posterior: Posterior, evidence: Float64Array, p: Float64Array, outcome: number, amount: number): void {
  const classes = p.length;
  const { mean, covariance } = posterior;
  const size = mean.length;
  for (let i = 0; i < size; i++) covariance[i * size + i]! += drift * Math.max(0, priorVariance - covariance[i * size + i]!);
  const average = new Float64Array(evidence.length / classes);
  for (let i = 0, at = 0; i < average.length; i++) for (let k = 0; k < classes; k++, at++) average[i]! += p[k]! * evidence[at]!;
  const direction = new Float64Array(size);
  const spread = new Float64Array(size);
  /** Covariance of the weights with class k's log-odds beyond the expectation, into `spread`; returns the variance of those. */
  const spreadOf = (k: number): number => {
    for (let i = 0; i < average.length; i++) direction[inputAt(i)] = evidence[i * classes + k]! - average[i]!;
    for (let j = 0; j < classes; j++) direction[biasAt(j)] = (j === k ? 1 : 0) - p[j]!;
    spread.fill(0);
    for (let j = 0; j < size; j++) {
      const d = direction[j]!;
      if (d === 0) continue;
      for (let i = 0, at = j * size; i < size; i++, at++) spread[i]! += covariance[at]! * d;
    }
    let variance = 0;
    for (let i = 0; i < size; i++) variance += spread[i]! * direction[i]!;
    return variance;
  };
  for (let k = 0; k < classes; k++) {
    if (p[k]! < negligible) continue;
    const variance = spreadOf(k);
    const gain = (amount * p[k]!) / (1 + amount * p[k]! * variance);
    for (let i = 0; i < size; i++) {
      const factor = gain * spread[i]!;
      if (factor === 0) continue;
      for (let j = 0, at = i * size; j < size; j++, at++) covariance[at]! -= factor * spread[j]!;
    }
  }
  spreadOf(outcome);
  for (let i = 0; i < size; i++) mean[i]! += amount * spread[i]!;
}
