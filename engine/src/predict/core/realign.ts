import { initialWeight, inputNames } from "./evidence.ts";
import type { HabitState } from "./habits.ts";
import { firstSquare, type WeightSet } from "./pools.ts";
import { covarianceAt, priorVariance } from "./posterior.ts";

/**
 * Brings the weights of a state into this release's order of inputs. Inputs it does not know yet start like new ones;
 * weights of inputs that are gone are dropped. Whatever follows the fixed inputs belongs to classes and stays.
 */
export function realign(state: HabitState): void {
  const from = state.inputs;
  if (from.length === inputNames.length && from.every((name, i) => name === inputNames[i])) return;
  const origin = inputNames.map((name) => from.indexOf(name));
  for (const pool of state.pools) for (const set of Object.values(pool)) realignSet(set, origin, from.length);
  realignPosterior(state.posterior, origin, from.length);
  state.inputs = [...inputNames];
}

/** Two rows per input (see `splitStaying`). */
function realignSet(set: WeightSet, origin: readonly number[], before: number): void {
  const rows = (old: readonly number[], otherwise: (i: number) => number) => [
    ...origin.flatMap((j, i) => (j < 0 ? [otherwise(i), otherwise(i)] : [old[2 * j]!, old[2 * j + 1]!])),
    ...old.slice(2 * before),
  ];
  set.w = rows(set.w, initialWeight);
  set.gw = rows(set.gw, () => firstSquare);
}

function realignPosterior(posterior: HabitState["posterior"], origin: readonly number[], before: number): void {
  const { mean, covariance } = posterior;
  const size = mean.length;
  if (size === 0) return;
  const places = [...origin, ...Array.from({ length: size - before }, (_, i) => before + i)];
  posterior.mean = places.map((j, i) => (j < 0 ? initialWeight(i) : mean[j]!));
  posterior.covariance = places.flatMap((j, row) =>
    places.slice(0, row + 1).map((l, column) => (j >= 0 && l >= 0 ? covariance[covarianceAt(j, l)]! : row === column ? priorVariance : 0)),
  );
}
