import { DeviceKind, TrafficKind } from "@network-personas/personas";
import { z } from "zod";
import { Capabilities, Omission } from "./capabilities.ts";
import { DeviceId, DhcpFingerprint, Instant, PersonaId, Probability, SubjectId } from "./ids.ts";
import { NetworkPlan, PlanReason, Refusal } from "./plan.ts";
import { Evidence } from "./prediction.ts";
import { Said, Trouble } from "./said.ts";
import { Occurrence } from "./signal.ts";
import { Correction, SubjectDay, Today } from "./today.ts";

/** The sentences of a list of texts. */
const inOrder = (list: string) =>
  z
    .array(Said.nullable())
    .optional()
    .meta({ description: `\`${list}\` as sentences, in the same order; null for words of others.` });

/** One step from what a router has to what it should have, as shown to people. */
export const PlannedChange = z.strictObject({
  action: z.enum(["add", "set", "remove"]),
  target: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  summary: z.string(),
  said: Said.optional(),
});
export type PlannedChange = z.infer<typeof PlannedChange>;

/** What a router would be told, and what it cannot do of the plan. */
export const RouterPreview = z.strictObject({
  router: z.string(),
  mode: z.enum(["preview", "live"]),
  changes: z.array(PlannedChange),
  omissions: z.array(Omission),
  error: z.string().optional().meta({ description: "Why the difference could not be computed." }),
  errorSaid: Said.optional(),
});
export type RouterPreview = z.infer<typeof RouterPreview>;

/** A plan with all its causes and what it would change. */
export const PlanView = z.strictObject({
  plan: NetworkPlan,
  reasons: z.array(PlanReason),
  refusals: z.array(Refusal),
  routers: z.array(RouterPreview),
});
export type PlanView = z.infer<typeof PlanView>;

/** What came of one attempt to bring a router to a plan. */
export const ApplyOutcome = z.strictObject({
  router: z.string(),
  at: Instant,
  result: z.enum(["unchanged", "previewed", "confirmed", "rolled-back", "failed"]),
  changes: z.array(PlannedChange),
  omissions: z.array(Omission),
  error: Trouble.optional(),
  took: z.number().nonnegative().meta({ unit: "ms" }),
});
export type ApplyOutcome = z.infer<typeof ApplyOutcome>;

/** One router as it is now. */
export const RouterStatus = z.strictObject({
  router: z.string(),
  driver: z.string(),
  mode: z.enum(["preview", "live"]),
  reachable: z.boolean().nullable().meta({ description: "null until first asked." }),
  identity: z.strictObject({ vendor: z.string(), model: z.string(), firmware: z.string() }).nullable(),
  capabilities: Capabilities.nullable(),
  foreign: z.array(z.string()),
  foreignSaid: inOrder("foreign"),
  lastOutcome: ApplyOutcome.nullable(),
  error: Trouble.nullable(),
});
export type RouterStatus = z.infer<typeof RouterStatus>;

/** One subject as it is now: what is likely, what is active, and why. */
export const SubjectState = z.strictObject({
  subject: SubjectId,
  name: z.string(),
  appliesTo: z.enum(["person", "device"]),
  home: z.boolean().nullable().meta({ description: "At home now; null when not known." }),
  active: PersonaId.meta({ description: "The most probable persona of what is in force." }),
  decidedBy: z.enum(["prediction", "override", "proposal", "base"]),
  until: Instant.nullable().meta({ description: "When an override or proposal ends." }),
  distribution: z.record(PersonaId, Probability),
  evidence: z.array(Evidence),
  recorded: z.literal(false).optional().meta({ description: "Nothing about them is predicted, learned or kept, as they wish." }),
  next: z.strictObject({ persona: PersonaId, at: Instant, probability: Probability, why: z.string(), said: Said.optional() }).nullable(),
});
export type SubjectState = z.infer<typeof SubjectState>;

/** One calendar as a source. */
export const CalendarStatus = z.strictObject({
  calendar: z.string(),
  status: z.enum(["ok", "stale", "failed", "loading"]),
  fetchedAt: Instant.nullable(),
  events: z.number().int().nonnegative(),
  problems: z.array(z.string()),
  said: Said.optional().meta({ description: "What it means that it cannot be read." }),
});
export type CalendarStatus = z.infer<typeof CalendarStatus>;

/** What a device is seen doing on the wire, and by which signs. */
export const ObservedActivity = z.strictObject({
  device: z.string(),
  router: z.string(),
  kind: TrafficKind,
  since: Instant,
  probability: Probability,
  why: z.string(),
  said: Said.optional(),
});
export type ObservedActivity = z.infer<typeof ObservedActivity>;

const BothWays = z.strictObject({ down: z.number().nonnegative(), up: z.number().nonnegative() }).meta({ unit: "kbit/s" });

/** The line: what its owner says it carries, what plans are made with, and what goes over it now. */
export const LineState = z.strictObject({
  stated: BothWays,
  inForce: BothWays.meta({ description: "Less than stated where delay grew under load: what the line really carries." }),
  carried: BothWays,
  roundTripMs: z.number().nonnegative().optional().meta({ description: "To `wan.probe`, when last asked; absent without an answer." }),
  idleRoundTripMs: z.number().nonnegative().optional(),
});
export type LineState = z.infer<typeof LineState>;

/** Why nothing is written to routers by itself, and until when; null is until somebody applies. */
export const HoldState = z.strictObject({
  why: z.enum(["released", "undone", "paused"]),
  until: Instant.nullable(),
  text: z.string().meta({ description: "The same in words; among the problems as well, unless somebody paused." }),
});
export type HoldState = z.infer<typeof HoldState>;

/** A device as people know it. */
export const DeviceName = z.strictObject({
  device: DeviceId,
  name: z.string(),
  kind: DeviceKind,
  owner: SubjectId.nullable().meta({ description: "The person it belongs to; null for one of everybody." }),
});
export type DeviceName = z.infer<typeof DeviceName>;

/** The whole home as it is now. The snapshot of the stream. */
export const EngineState = z.strictObject({
  home: z.strictObject({
    id: z.string(),
    name: z.string(),
    timeZone: z.string(),
    isNew: z.literal(true).optional().meta({ description: "Nobody has described this home yet: it exists in memory only." }),
  }),
  at: Instant,
  sequence: z.number().int().nonnegative(),
  control: z.enum(["automatic", "flow"]),
  subjects: z.array(SubjectState),
  devices: z.array(DeviceName),
  plan: PlanView.nullable(),
  routers: z.array(RouterStatus),
  calendars: z.array(CalendarStatus),
  activities: z
    .array(ObservedActivity)
    .optional()
    .meta({ description: "What devices are recognised doing; absent when no router shows what devices carry." }),
  line: LineState.optional().meta({ description: "Absent when no router counts what the line carries." }),
  today: Today,
  hold: HoldState.nullable().meta({ description: "null: plans are applied as they come." }),
  problems: z.array(z.string()).meta({ description: "What the owner should look at." }),
  problemsSaid: inOrder("problems"),
});
export type EngineState = z.infer<typeof EngineState>;

/** What changes, in the order it did. `sequence` grows by one. */
export const EngineEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("subject"), sequence: z.number(), at: Instant, data: SubjectState }),
  z.strictObject({ type: z.literal("plan"), sequence: z.number(), at: Instant, data: PlanView }),
  z.strictObject({ type: z.literal("applied"), sequence: z.number(), at: Instant, data: ApplyOutcome }),
  z.strictObject({ type: z.literal("router"), sequence: z.number(), at: Instant, data: RouterStatus }),
  z.strictObject({ type: z.literal("calendar"), sequence: z.number(), at: Instant, data: CalendarStatus }),
  z.strictObject({
    type: z.literal("presence"),
    sequence: z.number(),
    at: Instant,
    data: z.strictObject({ device: z.string(), present: z.boolean() }),
  }),
  z.strictObject({
    type: z.literal("label"),
    sequence: z.number(),
    at: Instant,
    data: z.strictObject({ subject: z.string(), persona: z.string(), source: z.string() }),
  }),
  z.strictObject({ type: z.literal("today"), sequence: z.number(), at: Instant, data: SubjectDay }),
  z.strictObject({ type: z.literal("corrected"), sequence: z.number(), at: Instant, data: Correction }),
  z.strictObject({
    type: z.literal("activity"),
    sequence: z.number(),
    at: Instant,
    data: z.strictObject({
      device: z.string(),
      activity: ObservedActivity.nullable().meta({ description: "null: nothing in particular any more." }),
    }),
  }),
  z.strictObject({
    type: z.literal("line"),
    sequence: z.number(),
    at: Instant,
    data: LineState,
  }),
  z.strictObject({ type: z.literal("problem"), sequence: z.number(), at: Instant, data: z.strictObject({ message: z.string() }) }),
  z.strictObject({
    type: z.literal("hold"),
    sequence: z.number(),
    at: Instant,
    data: z.strictObject({ hold: HoldState.nullable().meta({ description: "null: plans are applied as they come again." }) }),
  }),
  z.strictObject({ type: z.literal("home"), sequence: z.number(), at: Instant, data: z.strictObject({ reason: z.string() }) }),
]);
export type EngineEvent = z.infer<typeof EngineEvent>;

/** An occurrence of a calendar event with what it means. What is private is empty; descriptions and attendees are never kept. */
export const UpcomingEvent = z.strictObject({
  id: z.string().meta({
    description: "Tells occurrences apart and stays when one is moved: the UID, in a series with the instant the series has it at.",
  }),
  calendar: z.string(),
  calendarName: z.string().optional().meta({ description: "The owner's name for the calendar, else the calendar's own." }),
  uid: z.string(),
  subjects: z.array(SubjectId).meta({ description: "Whose calendar it is; empty for a calendar nobody lists." }),
  summary: z.string().meta({ description: "Empty for private events." }),
  location: z.string().optional().meta({ description: "A physical place; absent when the location is a link." }),
  categories: z.array(z.string()),
  start: Instant,
  end: Instant,
  allDay: z.boolean(),
  busy: Occurrence.shape.busy.unwrap(),
  status: z.enum(["confirmed", "tentative"]),
  recurring: z.boolean(),
  conference: z
    .strictObject({ provider: z.string(), host: z.string() })
    .optional()
    .meta({ description: "Who runs the call, and the host of its link. The link itself lets anybody in and is never kept." }),
  meanings: z.array(z.strictObject({ persona: PersonaId, strength: z.number(), matched: z.string() })),
});
export type UpcomingEvent = z.infer<typeof UpcomingEvent>;

/** One line of `doctor`. */
export const DoctorFinding = z.strictObject({
  area: z.string().meta({ description: 'What was checked, e.g. "router main", "calendar alice-work", "clock".' }),
  check: z.string(),
  status: z.enum(["ok", "warning", "failed"]),
  message: z.string(),
  remedy: z.string(),
  said: z.strictObject({ message: Said.optional(), remedy: Said.optional() }).optional(),
});
export type DoctorFinding = z.infer<typeof DoctorFinding>;

/** Kept history: predictions made, labels that came, what was corrected, and what was applied. */
export const HistoryEntry = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("prediction"),
    subject: SubjectId,
    at: Instant,
    horizon: z.number().positive().meta({ unit: "ms", description: "Of how much time from then on." }),
    distribution: z.record(PersonaId, Probability),
  }),
  z.strictObject({
    kind: z.literal("label"),
    subject: SubjectId,
    from: Instant,
    to: Instant,
    persona: PersonaId,
    weight: z.number(),
    source: z.string(),
  }),
  z.strictObject({ kind: z.literal("corrected"), subject: SubjectId, at: Instant, correction: Correction }),
  z.strictObject({ kind: z.literal("applied"), at: Instant, outcome: ApplyOutcome }),
]);
export type HistoryEntry = z.infer<typeof HistoryEntry>;
export type HistoryKind = HistoryEntry["kind"];
export const historyKinds = ["prediction", "label", "corrected", "applied"] as const satisfies readonly HistoryKind[];

/** Clients of one router, with the device each belongs to. */
export const RouterClients = z.strictObject({
  router: z.string(),
  clients: z.array(
    z.strictObject({
      mac: z.string(),
      device: z.string().nullable(),
      hostname: z.string().nullable(),
      addresses: z.array(z.string()),
      connected: z.boolean(),
      randomised: z.boolean().meta({ description: "A private MAC address, which may change." }),
      dhcpFingerprint: DhcpFingerprint.optional(),
      maybe: z.array(DeviceId).optional().meta({
        description:
          "Devices this one may be, with another private address: they asked a DHCP server for the same. Of more than one it cannot be told which. It counts as none of them until somebody says so.",
      }),
      maker: z.string().optional().meta({ description: "Who made it, by its address; absent for private addresses and makers few know." }),
      thisMachine: z.boolean().optional().meta({ description: "The machine the engine runs on." }),
      firstSeen: Instant.optional().meta({ description: "Since when we know it; absent before the first look." }),
      carried: z
        .strictObject({ downBytes: z.number().nonnegative(), upBytes: z.number().nonnegative() })
        .optional()
        .meta({ description: "What it has carried since the router began to count; absent when the router counts no devices." }),
      doing: ObservedActivity.optional().meta({ description: "What its traffic is recognised as." }),
    }),
  ),
  error: z.string().optional(),
  errorSaid: Said.optional(),
});
export type RouterClients = z.infer<typeof RouterClients>;
