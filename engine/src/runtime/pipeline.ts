import { type Application, everyday, type NetworkProfile, type PersonaSet } from "@network-personas/personas";
import { isCorrected } from "../adapt/index.ts";
import { blend } from "../blend/index.ts";
import { eventFeatures } from "../calendar/index.ts";
import { type ComposeResult, compose, dwellsToRelease, type Waiting } from "../compose/index.ts";
import { extractFeatures } from "../features/index.ts";
import {
  type Belief,
  type BlendedProfile,
  between,
  type CalendarConfig,
  type Capabilities,
  type Constraint,
  type Distribution,
  type EventFeature,
  type FeatureVector,
  type Home,
  type Instant,
  inEnglish,
  type Label,
  later,
  mostProbable,
  type NetworkPlan,
  type Occurrence,
  type Prediction,
  type Proposal,
  type Signal,
  type Subject,
  sentence,
  subjectsOf,
  unrecorded,
} from "../model/index.ts";
import { certain, type Scorer } from "../predict/index.ts";
import { believe, withinLeadTime } from "../signals/index.ts";

/** Everything a decision depends on. Same input, same decision: nothing here reads a clock or does I/O. */
export interface PipelineInput {
  at: Instant;
  /** How far ahead is predicted, in ms. */
  horizon: number;
  /** Ask what it is that starts now, instead of what will be going on. */
  starting?: boolean;
  home: Home;
  /** Those that may be predicted. */
  personas: PersonaSet;
  /** All: one that is never predicted may still be forced or proposed. */
  known: PersonaSet;
  applications: ReadonlyMap<string, Application>;
  signals: readonly Signal[];
  /** Per calendar id. */
  occurrences: ReadonlyMap<string, readonly Occurrence[]>;
  /** What really happened, newest first. */
  labels: readonly Label[];
  scorer: Scorer;
  /** What the scorer has learned, per subject. */
  states: ReadonlyMap<string, unknown>;
  constraints: readonly Constraint[];
  proposals: readonly Proposal[];
  /** Distributions to assume instead of predicting, per subject. */
  distributions?: Readonly<Record<string, Distribution>>;
  /** What each subject had before. */
  before: ReadonlyMap<string, Decision>;
}

/** What was decided for one subject, and by whom. */
export interface Decision {
  subject: string;
  features: FeatureVector;
  prediction: Prediction;
  profile: BlendedProfile;
  decidedBy: "prediction" | "override" | "proposal" | "base";
  until: Instant | null;
  /** The most probable persona of what is in force, and since when. */
  active: string;
  activeSince: Instant;
}

export interface Decisions {
  belief: Belief;
  subjects: ReadonlyMap<string, Decision>;
}

/** An activity counts as just starting this long after its persona became the most probable one. */
const startWindow = 2 * 60_000;

/** signals -> features -> predict -> blend, for everybody in the home. */
export function decide(input: PipelineInput): Decisions {
  const belief = believe(input.signals, input.occurrences, input.home, input.at);
  const decisions = subjectsOf(input.home).map((subject) => decideSubject(input, belief, subject));
  return { belief, subjects: new Map(decisions.map((d) => [d.subject, d])) };
}

/** blend -> compose: the plan for one router, given what it held before and what has been waiting since when. */
export function planFor(
  input: PipelineInput,
  decisions: Decisions,
  capabilities: Capabilities,
  previous: NetworkPlan | null,
  waiting?: Waiting,
): ComposeResult {
  const overridden = [...decisions.subjects.values()].filter((d) => d.decidedBy === "override" || d.decidedBy === "proposal");
  const observed = [...decisions.belief.subjects.values()].filter((s) => s.activity);
  const pause = dwellsToRelease * input.home.policy.minimumDwell;
  const recent = (subject: string) => decisions.subjects.get(subject)?.features.recent ?? [];
  const corrected = observed.filter((s) => isCorrected(s, recent(s.subject), pause, input.at));
  return compose({
    at: input.at,
    home: input.home,
    applications: input.applications,
    profiles: [...decisions.subjects.values()].map((d) => d.profile),
    present: expected(input, decisions),
    previous,
    constraints: input.constraints,
    capabilities,
    urgent: new Set([...overridden, ...observed].map((s) => s.subject)),
    ordered: new Set(overridden.map((s) => s.subject)),
    corrected: new Set(corrected.map((s) => s.subject)),
    ...(waiting ? { waiting } : {}),
  });
}

/** The prediction for one subject at `at`, with what the calendar may already say by then. */
export function predictSubject(
  input: PipelineInput,
  belief: Belief,
  subject: Subject,
): { features: FeatureVector; prediction: Prediction } {
  const events = withinLeadTime(eventsOf(input, belief, subject, soon), input.personas);
  const features = extractFeatures({
    subject,
    belief,
    home: input.home,
    personas: input.personas,
    labels: input.labels.filter((l) => l.subject === subject.id),
    events,
    at: input.at,
    horizon: input.horizon,
  });
  if (input.starting) features.starting = true;
  if (features.override === undefined && unrecorded(input.home).has(subject.id))
    return { features, prediction: unpredicted(input, subject) };
  return { features, prediction: input.scorer.predict(features, input.personas, input.states.get(subject.id) ?? input.scorer.create()) };
}

/** Of who wants nothing kept nothing is guessed either. */
function unpredicted({ at, horizon, scorer }: PipelineInput, subject: Subject): Prediction {
  const said = sentence("notRecorded");
  const evidence = [{ source: "opt-out", persona: everyday, logOdds: certain, why: inEnglish(said), said }];
  return { subject: subject.id, at, horizon, distribution: { [everyday]: 1 }, evidence, scorer: scorer.id };
}

/** Events that begin later than this say nothing about what is done now. */
const soon = 60 * 60_000;

/** The events of a subject within `ahead` ms (a day, when absent) as features, whether or not they may act yet. */
export function eventsOf(
  input: Pick<PipelineInput, "home" | "personas" | "at">,
  belief: Belief,
  subject: Subject,
  ahead = 24 * 60 * 60_000,
): EventFeature[] {
  const end = later(input.at, ahead);
  const calendars = input.home.calendars.filter((c) => subject.calendars.includes(c.id));
  return eventFeatures({
    occurrences: (belief.subjects.get(subject.id)?.events ?? []).filter((o) => o.start < end),
    personas: input.personas,
    meanings: new Map(calendars.map((c): [string, CalendarConfig["meanings"]] => [c.id, c.meanings])),
    calendarNames: new Map(calendars.flatMap((c) => (c.name ? [[c.id, c.name] as const] : []))),
    at: input.at,
  });
}

/** What would be predicted without what other applications say; undefined where none says anything. Routers only tell what they see. */
function unswayedBy({ home, personas, scorer, states }: PipelineInput, features: FeatureVector): Distribution | undefined {
  const routers = new Set(home.routers.map(({ id }) => `router:${id}`));
  const seen = features.evidence.filter(({ source }) => routers.has(source));
  if (seen.length === features.evidence.length || unrecorded(home).has(features.subject)) return undefined;
  return scorer.predict({ ...features, evidence: seen }, personas, states.get(features.subject) ?? scorer.create()).distribution;
}

function decideSubject(input: PipelineInput, belief: Belief, subject: Subject): Decision {
  const { features, prediction } = predictSubject(input, belief, subject);
  // A wish for a persona that was deleted meanwhile is none.
  const isKnown = (persona: string) => input.known.has(persona);
  const wished = belief.subjects.get(subject.id)?.override;
  const override = wished && isKnown(wished.persona) ? wished : undefined;
  const proposal = input.proposals.find(
    (p) => p.subject === subject.id && p.expiresAt > input.at && Object.keys(p.distribution ?? {}).every(isKnown),
  );
  const assumed = input.distributions?.[subject.id];
  const distribution = assumed ?? (override ? { [override.persona]: 1 } : (proposal?.distribution ?? prediction.distribution));
  const active = mostProbable(distribution);
  const before = input.before.get(subject.id);
  const activeSince = before?.active === active ? before.activeSince : input.at;
  const isPredicted = !assumed && !override && !proposal;
  const unswayed = isPredicted ? unswayedBy(input, features) : undefined;
  const blended = blend({
    subject: subject.id,
    distribution,
    personas: input.known,
    confidenceFloor: input.home.policy.confidenceFloor,
    overridden: override !== undefined,
    atStart: Date.parse(input.at) - Date.parse(activeSince) <= startWindow,
    ...(unswayed ? { unswayed } : {}),
    ...(before ? { previous: before.profile } : {}),
  });
  const byProposal = !override && !assumed && proposal !== undefined;
  const profile = byProposal && proposal.profile ? proposed(blended, proposal.profile) : blended;
  const inFlow = input.home.policy.control === "flow" && !override && !proposal && !assumed;
  return {
    subject: subject.id,
    features,
    prediction,
    profile: inFlow
      ? blend({
          subject: subject.id,
          distribution: { [everyday]: 1 },
          personas: input.known,
          confidenceFloor: 0,
          overridden: false,
          atStart: false,
        })
      : profile,
    decidedBy: override ? "override" : byProposal ? "proposal" : inFlow ? "base" : "prediction",
    until: override?.expiresAt ?? (byProposal ? proposal.expiresAt : null),
    active: inFlow ? everyday : active,
    activeSince,
  };
}

/** A profile that was handed to us whole has no personas behind it. */
function proposed({ subject, distribution }: BlendedProfile, profile: NetworkProfile): BlendedProfile {
  return { subject, profile, distribution, deviceKinds: [], overridden: false, explanation: [] };
}

/**
 * Devices that are here, and those their owners are about to use: the plan holds for a device before it connects. What has been
 * going on for a while without one is done on something else, or is over; only an order is kept.
 */
function expected({ home, at, horizon, personas }: PipelineInput, { belief, subjects }: Decisions): Set<string> {
  const here = new Set([...belief.devices].filter(([, d]) => d.present).map(([id]) => id));
  const owned = new Set(home.people.flatMap((person) => person.devices));
  const next = subjectsOf(home).flatMap(({ id, devices }) => {
    const decision = subjects.get(id);
    if (!decision || decision.active === everyday || belief.subjects.get(id)?.place === "away") return [];
    if (decision.decidedBy === "prediction" && between(decision.activeSince, at) >= horizon) return [];
    const kinds = personas.get(decision.active)?.deviceKinds ?? [];
    const usable = [...devices, ...home.devices.filter((device) => !owned.has(device.id))];
    if (usable.some((device) => here.has(device.id) && kinds.includes(device.kind))) return [];
    return kinds.flatMap((kind) => devices.find((device) => device.kind === kind)?.id ?? []).slice(0, 1);
  });
  return new Set([...here, ...next]);
}
