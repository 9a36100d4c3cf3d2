import { count, type EvidenceTable, experience, gather, inputIndex, inputNames, nothingObserved, type Observed } from "./evidence.ts";
import { isMemory } from "./memory.ts";
import { mixed, reweighed } from "./mixture.ts";
import type { Moment } from "./moment.ts";
import { type Appointment, attend, type Overridden, override, unseen } from "./override.ts";
import { gradientOf, ownWeights, type Pool, pools, step, type WeightSet, weightsOf } from "./pools.ts";
import { expected, extendedTo, isPosterior, noPosterior, type Posterior, update } from "./posterior.ts";
import { scales } from "./similar.ts";
import { pooled, pooledSplit, restricted, softmax } from "./softmax.ts";
import { sourceIndex } from "./sources.ts";
import { type Split, splitStaying } from "./staying.ts";

/** Everything one model has learned: plain JSON. */
export interface HabitState {
  /** Names of the fixed inputs, in the order of the weights. */
  inputs: string[];
  observed: Observed;
  pools: Pool[];
  posterior: Posterior;
  /** Weights of the members of the mixture. */
  mixture: number[];
  appointments: Record<string, Appointment>;
}

/** Sources that are good enough on their own to be a safety net. */
const plainSources = [
  "current",
  "current+dwell",
  "current+time",
  "current+time-sharp",
  "current+daytype+time",
  "last+time",
  "current+previous",
  "time",
  "daytype+time",
].map(sourceIndex);

// Members of the mixture: each pool, their average, the Bayesian pool, similar moments, plain sources.
const averageAt = pools.length;
const posteriorAt = averageAt + 1;
const similarAt = posteriorAt + 1;
const memberCount = similarAt + scales.length + plainSources.length;
const trusted = 0.425;

export function createHabits(): HabitState {
  const mixture = new Array<number>(memberCount).fill((1 - 2 * trusted) / (memberCount - 2));
  mixture[averageAt] = trusted;
  mixture[posteriorAt] = trusted;
  return {
    inputs: [...inputNames],
    observed: nothingObserved(),
    pools: pools.map(() => ({})),
    posterior: noPosterior(),
    mixture,
    appointments: {},
  };
}

/** Whether a state has the shape that this release works with. */
export function isHabitState(state: unknown): state is HabitState {
  const { inputs, observed, pools: sets, posterior, mixture, appointments } = (state ?? {}) as Partial<HabitState>;
  return (
    inputs?.length === inputNames.length &&
    observed?.tables !== undefined &&
    observed.own !== undefined &&
    isMemory(observed.memory ?? {}) &&
    sets?.length === pools.length &&
    mixture?.length === memberCount &&
    mixture.every(Number.isFinite) &&
    posterior !== undefined &&
    isPosterior(posterior) &&
    appointments !== undefined
  );
}

/** A prediction with everything that learning from it and explaining it needs. */
export interface Inference {
  table: EvidenceTable;
  split: Split;
  members: Float64Array[];
  /** The average pool: two weights per input that speaks (see `Split`), and a bias per class. */
  weights: number[];
  bias: number[];
  /** Before and after an appointment was considered. */
  mixture: Float64Array;
  overridden: Overridden | undefined;
  p: Float64Array;
}

const appointmentOf = (state: HabitState, m: Moment): Appointment | undefined =>
  m.appointment && (state.appointments[m.appointment.code] ?? unseen(m.appointment.declared, m.allowed.length));

/** Inputs about the present, learned and told. */
const learnedLive = ["own-devices", "devices", "devices+time", "devices+dwell"].map(inputIndex);
const toldLive = ["declared-device", "stated"].map(inputIndex);
/** Observations until half of it is believed that an activity stays because of the devices: before, it was mostly one evening that lasted. */
const acquaintance = 288;
/** What inputs about the present say by themselves, whatever the habits are. */
function liveEvidence(split: Split, weights: readonly number[], classes: number, observations: number): Float64Array {
  const live = new Float64Array(classes);
  const known = observations / (observations + acquaintance);
  const hear = (i: number, staying: number) => {
    for (let k = 0; k < classes; k++) live[k]! += weights[2 * i + 1]! * split.instead[i * classes + k]!;
    if (split.current >= 0) live[split.current]! += staying * weights[2 * i]! * split.staying[i]!;
  };
  for (const i of toldLive) hear(i, 1);
  for (const i of learnedLive) hear(i, known);
  return live;
}

export function infer(state: HabitState, m: Moment): Inference {
  const table = gather(m, state.observed);
  const { classes, inputs, evidence, speaking } = table;
  const split = splitStaying(table, m);
  const weights = new Array<number>(2 * inputs).fill(0);
  const bias = new Array<number>(classes).fill(0);
  const selected = pools.map(({ select }, j) => {
    const value = select(m);
    return value === undefined ? undefined : weightsOf(state.pools[j]!, value, classes);
  });
  const sets = selected.filter((set) => set !== undefined);
  const share = 1 / sets.length;
  for (const { w, b } of sets) {
    for (const i of speaking) {
      weights[2 * i]! += share * w[2 * i]!;
      weights[2 * i + 1]! += share * w[2 * i + 1]!;
    }
    for (let k = 0; k < classes; k++) bias[k]! += share * b[k]!;
  }
  const average = softmax(pooledSplit(split, speaking, weights, bias), m.allowed);
  const bayes = expected(state.posterior, inputs, classes);
  // Values of selectors that were never met share their weights, and so what they predict.
  const predicted = new Map<Readonly<WeightSet>, Float64Array>();
  const of = (set: Readonly<WeightSet>) => {
    const p = predicted.get(set) ?? softmax(pooledSplit(split, speaking, set.w, set.b), m.allowed);
    predicted.set(set, p);
    return p;
  };
  const members = [
    // A pool whose selector says nothing agrees with the average.
    ...selected.map((set) => (set ? of(set) : average)),
    average,
    softmax(pooled(evidence, speaking, bayes.weights, bayes.bias), m.allowed),
    ...table.similar.map((belief) => restricted(belief, m.allowed)),
    ...plainSources.map((i) => restricted(table.beliefs, m.allowed, i * classes)),
  ];
  const mixture = mixed(state.mixture, members);
  const appointment = appointmentOf(state, m);
  const overridden = appointment && override(appointment, mixture, m, liveEvidence(split, weights, classes, experience(state.observed)));
  return { table, split, members, weights, bias, mixture, overridden, p: overridden?.p ?? mixture };
}

/** How much an outcome counts. */
export interface Worth {
  /** How sure it is, 0..1. */
  certainty: number;
  /** The share of its window that no earlier example covered, 0..1. */
  fresh: number;
}

/** Learns what followed a moment, from the inference that was made at it. */
export function learnFrom(state: HabitState, m: Moment, inference: Inference, outcome: number, { certainty, fresh }: Worth): void {
  const { table, split, members } = inference;
  const { classes } = table;
  const amount = certainty * fresh;
  const appointment = appointmentOf(state, m);
  if (m.appointment && appointment && inference.overridden) {
    attend(appointment, inference.overridden, m.current, outcome, amount);
    state.appointments[m.appointment.code] = appointment;
  }
  state.mixture = reweighed(state.mixture, members, outcome, amount);
  pools.forEach(({ select, rate }, j) => {
    const value = select(m);
    if (value === undefined) return;
    const set = ownWeights(state.pools[j]!, value, classes);
    const error = members[j]!.slice();
    error[outcome]! -= 1;
    // Adagrad finds its own step size, so windows that overlap need no discount here.
    step(set, rate, gradientOf(split, table.speaking, error), error, certainty);
  });
  state.posterior = extendedTo(state.posterior, classes);
  update(state.posterior, table.evidence, members[posteriorAt]!, outcome, amount);
  count(m, outcome, state.observed, amount);
}
