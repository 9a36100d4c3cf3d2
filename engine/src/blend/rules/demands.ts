import { type Demand, type Demands, trafficClasses } from "@network-personas/personas";
import { insured, membership, plausible } from "../thresholds.ts";
import { type Rule, type Share, wanted } from "./rule.ts";

/** Classes by thresholded union; inside a class needs insured and the largest of them, wants by maximum. */
export const demands: Rule<Demands> = (input) => {
  const value: Demands = {};
  const from = new Set<Share>();
  for (const trafficClass of trafficClasses) {
    const asking = input.acting.filter((share) => share.p >= membership[trafficClass] && wanted(input, share)[trafficClass]);
    if (asking.length === 0) continue;
    value[trafficClass] = merge(asking.map((share) => ({ p: share.p, demand: wanted(input, share)[trafficClass]! })));
    for (const share of asking) from.add(share);
  }
  return { value, from: input.acting.filter((share) => from.has(share)) };
};

type Weighed = { p: number; demand: Demand };

function merge(parts: readonly Weighed[]): Demand {
  const named = parts.map(({ demand }) => demand.applications);
  const wanting = parts.filter(({ p }) => p >= plausible).map(({ demand }) => demand.want);
  return {
    applications: named.some((list) => list.length === 0) ? [] : [...new Set(named.flat())],
    need: { down: mergeLadders(parts, "down"), up: mergeLadders(parts, "up") },
    want: { down: largest(wanting.map((want) => want.down)), up: largest(wanting.map((want) => want.up)) },
  };
}

/** Rung by rung the largest insured need; a shorter ladder goes on at its lowest rung, below which its activity breaks. */
function mergeLadders(parts: readonly Weighed[], direction: "down" | "up"): number[] {
  const ladders = parts
    .map(({ p, demand }) => demand.need[direction].map((rung) => rung * insured(p)))
    .filter((ladder) => ladder.length > 0);
  const length = Math.max(0, ...ladders.map((ladder) => ladder.length));
  const rungs = Array.from({ length }, (_, i) => Math.max(...ladders.map((ladder) => ladder[i] ?? ladder.at(-1)!)));
  return [...new Set(rungs)];
}

/** Absent means no limit, which is the largest. */
const largest = (rates: readonly (number | undefined)[]): number | undefined =>
  rates.length === 0 || rates.includes(undefined) ? undefined : Math.max(...(rates as number[]));
