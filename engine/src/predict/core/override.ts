import type { Moment } from "./moment.ts";

/**
 * What one kind of appointment turned out to mean. A pool learns rare, strong evidence too slowly, so an appointment may
 * override it: with probability `kept / (kept + missed)` what happens is drawn from `meaning` alone, or what is going on
 * is brought to its end first.
 */
export interface Appointment {
  kept: number;
  missed: number;
  meaning: number[];
  /** How often it was kept and yet what was going on went on first. */
  late: number;
}

/** Pseudo-counts: what a fully declared meaning is worth, what any class may still be, and coming late to it. */
const declaredWorth = 4;
const anything = 0.15;
export const comingLate = 0.3;

/** Before anything was seen: likelier kept than not when its meaning was declared. */
export function unseen(declared: readonly number[], classes: number): Appointment {
  const strength = Math.min(1, Math.max(0, ...declared));
  return {
    kept: 1 + strength,
    missed: 2 - strength,
    meaning: Array.from({ length: classes }, (_, k) => anything + declaredWorth * (declared[k] ?? 0)),
    late: comingLate,
  };
}

export interface Overridden {
  p: Float64Array;
  /** What comes when it is kept, and the pool without the live evidence; both over the allowed classes. */
  meaning: Float64Array;
  otherwise: Float64Array;
  kappa: number;
}

/**
 * The pool, overridden by an appointment. `live` is what devices and third parties say right now (log-odds that the pool
 * already contains): it tells whether the appointment is kept, so it is taken out, and applied to both alternatives.
 */
export function override(
  appointment: Appointment,
  pool: Float64Array,
  { allowed, current }: Pick<Moment, "allowed" | "current">,
  live: Float64Array,
): Overridden {
  const comes = (k: number) => (appointment.meaning[k] ?? anything) + (k === current ? appointment.late : 0);
  const meaning = normalised(pool.map((_, k) => (allowed[k] ? comes(k) : 0)));
  const otherwise = normalised(pool.map((v, k) => v * Math.exp(-live[k]!)));
  const kappa = appointment.kept / (appointment.kept + appointment.missed);
  const p = normalised(pool.map((_, k) => (kappa * meaning[k]! + (1 - kappa) * otherwise[k]!) * Math.exp(live[k]!)));
  return { p, meaning, otherwise, kappa };
}

function normalised(p: Float64Array): Float64Array {
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((v) => v / sum);
}

/** One step of expectation maximisation: how likely was it the appointment that decided, and was it late? */
export function attend(
  appointment: Appointment,
  { meaning, otherwise, kappa }: Overridden,
  current: number,
  outcome: number,
  amount: number,
): void {
  const decided = kappa * meaning[outcome]!;
  const responsible = amount * (decided / Math.max(decided + (1 - kappa) * otherwise[outcome]!, 1e-12));
  appointment.kept += responsible;
  appointment.missed += amount - responsible;
  while (appointment.meaning.length <= outcome) appointment.meaning.push(anything);
  const meant = appointment.meaning[outcome]!;
  const late = outcome === current ? appointment.late : 0;
  appointment.meaning[outcome]! += (responsible * meant) / (meant + late);
  appointment.late += (responsible * late) / (meant + late);
}
