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
  /** Meaning, and the pool without the live evidence; both over the allowed classes. */
  meaning: Float64Array;
  otherwise: Float64Array;
  kappa: number;
}

/**
 * The pool, overridden by an appointment. `live` is what devices and third parties say right now (log-odds that the pool
 * already contains): it tells whether the appointment is kept, so it is taken out, and applied to both alternatives.
 */
export function override(appointment: Appointment, pool: Float64Array, allowed: readonly boolean[], live: Float64Array): Overridden {
  const meaning = normalised(pool.map((_, k) => (allowed[k] ? (appointment.meaning[k] ?? anything) : 0)));
  const otherwise = normalised(pool.map((v, k) => v * Math.exp(-live[k]!)));
  const kappa = appointment.kept / (appointment.kept + appointment.missed);
  const p = normalised(pool.map((_, k) => (kappa * meaning[k]! + (1 - kappa) * otherwise[k]!) * Math.exp(live[k]!)));
  return { p, meaning, otherwise, kappa };
}

function normalised(p: Float64Array): Float64Array {
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((v) => v / sum);
}

/** One step of expectation maximisation: how likely was it the appointment that decided? */
export function attend(appointment: Appointment, { meaning, otherwise, kappa }: Overridden, outcome: number, amount: number): void {
  const decided = kappa * meaning[outcome]!;
  const responsible = decided / Math.max(decided + (1 - kappa) * otherwise[outcome]!, 1e-12);
  appointment.kept += amount * responsible;
  appointment.missed += amount * (1 - responsible);
  while (appointment.meaning.length <= outcome) appointment.meaning.push(anything);
  appointment.meaning[outcome]! += amount * responsible;
}
