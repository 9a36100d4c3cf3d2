import { z } from "zod";
import { DeviceId, Instant, PersonaId, PersonId, Probability, SubjectId } from "./ids.ts";
import { Said } from "./said.ts";

const common = {
  id: z.string().min(1).max(200).optional().meta({ description: "Given by the sender to make repeats harmless; assigned otherwise." }),
  source: z.string().min(1).max(100).meta({ description: 'Who says so, e.g. "router:main", "owntracks", "homekit".' }),
  at: Instant.optional().meta({ description: "When it was so; now when absent." }),
  expiresAt: Instant.optional().meta({ description: "When it stops being believed; a default per kind when absent." }),
  confidence: Probability.default(1),
};

/** A device is (not) on the network, or a person is (not) at home. */
export const PresenceSignal = z.strictObject({
  kind: z.literal("presence"),
  subject: z.union([DeviceId, PersonId]),
  present: z.boolean(),
  ...common,
});
/** Where a person is: "home", "away" or a named place. */
export const LocationSignal = z.strictObject({
  kind: z.literal("location"),
  subject: PersonId,
  place: z.string().min(1).max(60),
  ...common,
});
/** A third party's graded evidence in log-odds per persona. */
export const EvidenceSignal = z.strictObject({
  kind: z.literal("evidence"),
  subject: SubjectId,
  logOdds: z.record(PersonaId, z.number().min(-20).max(20)).meta({ description: "Natural log-odds per persona; clamped per source." }),
  why: z.string().max(200).default(""),
  said: Said.optional(),
  ...common,
});
/** The owner says what is going on; counts as p = 1 until it expires. `null` returns to automatic. */
export const OverrideSignal = z.strictObject({ kind: z.literal("override"), subject: SubjectId, persona: PersonaId.nullable(), ...common });
/** What really happens, recognised from traffic or confirmed by a person. The only kind besides an override that teaches. */
export const ActivitySignal = z.strictObject({
  kind: z.literal("activity"),
  subject: SubjectId,
  persona: PersonaId,
  weight: Probability.default(1),
  ...common,
});

/** Anything known, as it is sent to us. */
export const SignalInput = z.discriminatedUnion("kind", [PresenceSignal, LocationSignal, EvidenceSignal, OverrideSignal, ActivitySignal]);
export type SignalInput = z.input<typeof SignalInput>;

/** A signal as it is kept: complete, with identity, instants and the time it reached us. */
export type Signal = z.output<typeof SignalInput> & {
  id: string;
  at: Instant;
  expiresAt: Instant;
  /** When the state or activity began that this statement only repeats. */
  since?: Instant;
};
export type SignalKind = Signal["kind"];

/** One occurrence of a calendar event with what was read from it. Never carries descriptions or attendees. */
export const Occurrence = z.strictObject({
  uid: z.string(),
  instance: Instant.optional().meta({
    description: "Which occurrence of its UID it is: when the series has it, also where it was moved. Absent when there is but one.",
  }),
  calendar: z.string(),
  summary: z.string().meta({ description: "Empty for private events." }),
  start: Instant,
  end: Instant,
  allDay: z.boolean(),
  busy: z.enum(["free", "tentative", "busy", "out-of-office"]).default("busy"),
  conferenceHost: z.string().optional().meta({ description: "Host of a conference link found in the event." }),
  location: z.string().optional().meta({ description: "A physical place; absent when the location is a link." }),
  calendarName: z.string().optional(),
  categories: z.array(z.string()).default([]),
  status: z.enum(["confirmed", "tentative", "cancelled"]).default("confirmed"),
  recurring: z.boolean().default(false),
  participation: z
    .enum(["accepted", "tentative", "declined", "needs-action"])
    .optional()
    .meta({ description: "What the calendar's owner answered to the invitation." }),
  domains: z
    .array(z.string())
    .optional()
    .meta({ description: "Mail domains of the organiser and other participants; never their addresses." }),
});
export type Occurrence = z.infer<typeof Occurrence>;
