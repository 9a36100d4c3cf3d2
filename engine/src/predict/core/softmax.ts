/** Rows of evidence that say anything; the others need no arithmetic. */
export function speaking(evidence: Float64Array, classes: number): number[] {
  const rows: number[] = [];
  for (let row = 0, at = 0; at < evidence.length; row++, at += classes) {
    let k = 0;
    while (k < classes && evidence[at + k] === 0) k++;
    if (k < classes) rows.push(row);
  }
  return rows;
}

/** Log-linear pool of the rows that speak: z = sum of weight x evidence, plus a bias per class. */
export function pooled(evidence: Float64Array, rows: readonly number[], weights: readonly number[], bias: readonly number[]): Float64Array {
  const classes = bias.length;
  const z = Float64Array.from(bias);
  for (const row of rows) {
    const weight = weights[row]!;
    for (let k = 0, at = row * classes; k < classes; k++, at++) z[k]! += weight * evidence[at]!;
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
