import type { Both } from "./both.ts";

/** Steps of at most 2 %, fine enough for every rate people write, coarse enough that noise stays inside one. */
const rateStep = (rate: number): number => Math.max(1, 10 ** Math.floor(Math.log10(rate)) / 50);

/** A rate rounded down: what is promised must fit. */
export function quantiseRate(rate: number): number {
  if (rate < 1) return 0;
  const step = rateStep(rate);
  return Math.floor(Math.floor(rate / step + 1e-9) * step + 1e-9);
}
export const quantiseRates = (rates: Both): Both => ({ down: quantiseRate(rates.down), up: quantiseRate(rates.up) });

/** A weight in steps of 0.05, of 0.01 below one, inside the range a profile may ask for. */
export function quantiseWeight(weight: number): number {
  const steps = weight >= 1 ? 20 : 100;
  return Math.min(8, Math.max(0.125, Math.round(weight * steps) / steps));
}
