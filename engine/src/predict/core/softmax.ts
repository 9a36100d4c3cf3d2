/** Log-linear pool of the inputs: z = sum of weight x evidence, plus a bias per class. */
export function pooled(evidence: Float64Array, weights: readonly number[], bias: readonly number[]): Float64Array {
  const classes = bias.length;
  const z = Float64Array.from(bias);
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    for (let k = 0; k < classes; k++, at++) z[k]! += weight * evidence[at]!;
  }
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

/** Beliefs restricted to the allowed classes. */
export function restricted(belief: Float64Array, allowed: readonly boolean[]): Float64Array {
  let sum = 0;
  for (let k = 0; k < belief.length; k++) if (allowed[k]) sum += belief[k]!;
  return belief.map((v, k) => (allowed[k] ? v / Math.max(sum, 1e-9) : 0));
}
