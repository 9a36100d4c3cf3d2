/**
 * The safety net: a linear mixture of pools and plain sources that shifts weight to whoever was right, and never gives
 * anyone up (fixed share), so that it recovers after habits change. It can hardly be worse than its best member.
 */
const temper = 0.25;
const share = 0.005;
const worst = 1e-4;

export function mixed(weights: readonly number[], members: readonly Float64Array[]): Float64Array {
  const p = new Float64Array(members[0]!.length);
  members.forEach((member, r) => {
    for (let k = 0; k < p.length; k++) p[k]! += weights[r]! * member[k]!;
  });
  return p;
}

export function reweighed(weights: readonly number[], members: readonly Float64Array[], outcome: number, amount: number): number[] {
  const raw = weights.map((weight, r) => weight * Math.max(members[r]![outcome]!, worst) ** (temper * amount));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => ((1 - share) * weight) / sum + share / weights.length);
}
