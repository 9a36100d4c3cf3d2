/**
 * What one kind of appointment turned out to mean. A pool learns rare, strong evidence too slowly, so an appointment may
 * override it: with probability `kept / (kept + missed)` what happens is drawn from `meaning` alone.
 */
export interface Appointment {
  kept: number;
  missed: number;
  meaning: number[];
}

/** Pseudo-counts: what a fully declared meaning is worth, and what any class may still be. */
const declaredWorth = 4;
const anything = 0.3;

/** Before anything was seen: likelier kept than not when its meaning was declared. */
export function unseen(declared: readonly number[], classes: number): Appointment {
  const strength = Math.min(1, Math.max(0, ...declared));
  return {
    kept: 1 + strength,
    missed: 2 - strength,
    meaning: Array.from({ length: classes }, (_, k) => anything + declaredWorth * (declared[k] ?? 0)),
  };
}

export interface Overridden {
  p: Float64Array;
  /** Meaning restricted to the allowed classes, and the probability that it decides. */
  meaning: Float64Array;
  kappa: number;
}

export function override(appointment: Appointment, pool: Float64Array, allowed: readonly boolean[]): Overridden {
  const meaning = Float64Array.from(pool, (_, k) => (allowed[k] ? (appointment.meaning[k] ?? anything) : 0));
  const sum = meaning.reduce((a, b) => a + b, 0);
  for (let k = 0; k < meaning.length; k++) meaning[k]! /= sum;
  const kappa = appointment.kept / (appointment.kept + appointment.missed);
  return { p: pool.map((v, k) => kappa * meaning[k]! + (1 - kappa) * v), meaning, kappa };
}

/** One step of expectation maximisation: how likely was it the appointment that decided? */
export function attend(appointment: Appointment, { p, meaning, kappa }: Overridden, outcome: number, amount: number): void {
  const responsible = (kappa * meaning[outcome]!) / Math.max(p[outcome]!, 1e-9);
  appointment.kept += amount * responsible;
  appointment.missed += amount * (1 - responsible);
  while (appointment.meaning.length <= outcome) appointment.meaning.push(anything);
  appointment.meaning[outcome]! += amount * responsible;
}
