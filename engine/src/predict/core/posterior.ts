import { fixedInputs, initialWeight } from "./evidence.ts";

/**
 * A Gaussian belief about the weights of one pool, updated by Bayes' rule with every outcome (extended Kalman filter on the
 * softmax). It finds good weights from few outcomes, because it knows which ones are still uncertain.
 * Order: the fixed inputs, then for each class its "since" input and its bias, so that classes can be added at the end.
 */
export interface Posterior {
  mean: number[];
  /** Lower triangle of the covariance, row by row: (i, j), j <= i, is at `i (i + 1) / 2 + j`. */
  covariance: number[];
}

export const priorVariance = 0.1;
/** Share by which a variance grows back towards its prior with each outcome: habits drift. */
const drift = 2e-6;
const negligible = 1e-3;

const sizeFor = (classes: number) => fixedInputs + 2 * classes;
const inputAt = (i: number) => (i < fixedInputs ? i : fixedInputs + 2 * (i - fixedInputs));
const biasAt = (k: number) => fixedInputs + 2 * k + 1;

const triangle = (size: number) => (size * (size + 1)) / 2;
/** Where the covariance of two weights is. */
export const covarianceAt = (i: number, j: number): number => triangle(Math.max(i, j)) + Math.min(i, j);

export const noPosterior = (): Posterior => ({ mean: [], covariance: [] });

export function isPosterior({ mean, covariance }: Partial<Posterior>): boolean {
  if (!mean || !covariance || covariance.length !== triangle(mean.length)) return false;
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
  const covariance = [...old.covariance, ...new Array<number>(triangle(size) - triangle(before)).fill(0)];
  for (let i = before; i < size; i++) covariance[covarianceAt(i, i)] = priorVariance;
  return { mean: Array.from({ length: size }, (_, i) => old.mean[i] ?? initialMean(i)), covariance };
}

/** Expected weights per input and bias per class; what it has not met has its prior. */
export function expected({ mean }: Posterior, inputs: number, classes: number): { weights: number[]; bias: number[] } {
  const known = mean.length;
  const at = (i: number) => (i < known ? mean[i]! : initialMean(i));
  const weights = new Array<number>(inputs);
  for (let i = 0; i < inputs; i++) weights[i] = at(inputAt(i));
  const bias = new Array<number>(classes);
  for (let k = 0; k < classes; k++) bias[k] = at(biasAt(k));
  return { weights, bias };
}

/** Bayes' rule for one outcome, counted `amount` times. `p` is what was predicted with the expected weights. */
export function update(posterior: Posterior, evidence: Float64Array, p: Float64Array, outcome: number, amount: number): void {
  const classes = p.length;
  const { mean, covariance } = posterior;
  const size = mean.length;
  for (let i = 0; i < size; i++) {
    const at = covarianceAt(i, i);
    covariance[at]! += drift * Math.max(0, priorVariance - covariance[at]!);
  }
  const average = new Float64Array(evidence.length / classes);
  for (let i = 0, at = 0; i < average.length; i++) for (let k = 0; k < classes; k++, at++) average[i]! += p[k]! * evidence[at]!;
  const direction = new Float64Array(size);
  const spread = new Float64Array(size);
  /** Covariance of the weights with class k's log-odds beyond the expectation, into `spread`; returns the variance of those. */
  const spreadOf = (k: number): number => {
    for (let i = 0; i < average.length; i++) direction[inputAt(i)] = evidence[i * classes + k]! - average[i]!;
    for (let j = 0; j < classes; j++) direction[biasAt(j)] = (j === k ? 1 : 0) - p[j]!;
    spread.fill(0);
    for (let i = 0, at = 0; i < size; i++) {
      const d = direction[i]!;
      let sum = 0;
      if (d === 0) for (let j = 0; j < i; j++, at++) sum += covariance[at]! * direction[j]!;
      else
        for (let j = 0; j < i; j++, at++) {
          sum += covariance[at]! * direction[j]!;
          spread[j]! += covariance[at]! * d;
        }
      spread[i]! += sum + covariance[at++]! * d;
    }
    let variance = 0;
    for (let i = 0; i < size; i++) variance += spread[i]! * direction[i]!;
    return variance;
  };
  for (let k = 0; k < classes; k++) {
    if (p[k]! < negligible) continue;
    const variance = spreadOf(k);
    const gain = (amount * p[k]!) / (1 + amount * p[k]! * variance);
    for (let i = 0, at = 0; i < size; i++) {
      const factor = gain * spread[i]!;
      for (let j = 0; j <= i; j++, at++) covariance[at]! -= factor * spread[j]!;
    }
  }
  spreadOf(outcome);
  for (let i = 0; i < size; i++) mean[i]! += amount * spread[i]!;
}
