import { type DeviceKind, everyday } from "@network-personas/personas";
import { z } from "zod";
import type { StatedEvidence } from "./belief.ts";
import { Instant, type Instant as InstantText, PersonaId, Probability, SubjectId } from "./ids.ts";
import { Said } from "./said.ts";

/** Probability per persona; sums to 1. */
export const Distribution = z
  .record(PersonaId, Probability)
  .refine((d) => Math.abs(Object.values(d).reduce((a, b) => a + b, 0) - 1) < 1e-6, { error: "probabilities must sum to 1" });
export type Distribution = Readonly<Record<string, number>>;

/** The persona with the greatest probability; ties go to the first by name, so that the answer does not depend on order. */
export const mostProbable = (distribution: Distribution): string =>
  Object.entries(distribution).sort(([a, p], [b, q]) => q - p || (a < b ? -1 : 1))[0]?.[0] ?? everyday;

/** One reason of a prediction. The contributions of a persona, with bias and safety mix, account for its shown probability. */
export const Evidence = z.strictObject({
  source: z.string(),
  persona: PersonaId,
  logOdds: z.number().meta({ description: "Contribution in natural log-odds (scorer `additive`: the score itself)." }),
  why: z.string(),
  said: Said.optional(),
});
export type Evidence = z.infer<typeof Evidence>;

/** What a subject is about to do, before it does. */
export const Prediction = z.strictObject({
  subject: SubjectId,
  at: Instant,
  horizon: z.number().int().positive().meta({ description: "How far ahead, in milliseconds." }),
  distribution: Distribution,
  evidence: z.array(Evidence),
  scorer: z.string(),
});
export type Prediction = z.infer<typeof Prediction>;

/** What one calendar event says, as features only. */
export interface EventFeature {
  calendar: string;
  /** Folded summary, for learning that the same event went with a persona before; "" when private. */
  key: string;
  /** Minutes from `at` until it starts (negative: running) and until it ends. */
  startsIn: number;
  endsIn: number;
  allDay: boolean;
  busy: "free" | "tentative" | "busy" | "out-of-office";
  /** Per persona how strongly its words or conference hosts match, 0..1, and which word or host did. */
  matches: readonly { persona: string; strength: number; matched: string }[];
  /** The event happens somewhere else than at home. */
  elsewhere: boolean;
}

/** Everything a scorer may look at: no clock, no ids of other subjects, nothing from after `at`. */
export interface FeatureVector {
  subject: string;
  appliesTo: "person" | "device";
  /** Kinds of the subject's own devices, present or not. */
  kinds: readonly DeviceKind[];
  at: InstantText;
  horizon: number;
  /** Local wall time in the home's zone. `dayOfWeek` 1 = Monday. `day` counts days since 1970-01-01 locally. */
  local: { minuteOfDay: number; dayOfWeek: number; day: number };
  place?: string;
  /** Known devices of the subject (its own; for a device subject the device itself) that are present, and how long. */
  devices: readonly { id: string; kind: DeviceKind; minutesPresent: number }[];
  /** Kinds of ownerless, shared devices present in the home (the TV in the living room). */
  shared: readonly { id: string; kind: DeviceKind; minutesPresent: number }[];
  events: readonly EventFeature[];
  /** Latest labels, newest first: what really happened. */
  recent: readonly { persona: string; minutesAgo: number; minutes: number /** How sure it is, 0..1; 1 when absent. */; weight?: number }[];
  evidence: readonly StatedEvidence[];
  override?: string;
  /** Something starts right now: what is it? Neither everyday nor what is going on already. Such questions need a state of their own. */
  starting?: boolean;
}

/** What really happened in a window, to learn from. Comes from an override, recognised traffic or a confirmed event only. */
export const Label = z.strictObject({
  subject: SubjectId,
  persona: PersonaId,
  from: Instant,
  to: Instant,
  weight: Probability,
  source: z.string(),
});
export type Label = z.infer<typeof Label>;
