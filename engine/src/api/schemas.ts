import { Application, DeviceKind, NetworkProfile, Persona } from "@network-personas/personas";
import { z } from "zod";
import {
  ActivitySignal,
  ApplyOutcome,
  Constraint,
  Distribution,
  EvidenceSignal,
  Home,
  Instant,
  LocationSignal,
  OverrideSignal,
  PersonaId,
  PresenceSignal,
  Proposal,
  Said,
  SubjectId,
} from "../model/index.ts";
import { scopes } from "./contract.ts";

/** Longest time a third party's evidence or constraint stands before it must be said again. */
export const longestStatementMs = 24 * 3_600_000;
/** Largest log-odds one statement may add to or take from a persona: 4 is about fifty to one. */
export const strongestEvidence = 4;

const kept = { id: z.string(), at: Instant, expiresAt: Instant };
/** A signal as it is kept. */
export const KeptSignal = z.discriminatedUnion("kind", [
  PresenceSignal.extend(kept),
  LocationSignal.extend(kept),
  EvidenceSignal.extend(kept),
  OverrideSignal.extend(kept),
  ActivitySignal.extend(kept),
]);

/** Evidence as it is sent: an evidence signal without its kind. */
export const EvidenceInput = EvidenceSignal.omit({ kind: true });

export const KeptConstraint = Constraint.extend({ id: z.string(), expiresAt: Instant.optional() });
export const KeptProposal = Proposal.safeExtend({ id: z.string(), at: Instant, expiresAt: Instant });
export const ProposalResult = z.strictObject({ proposal: KeptProposal, outcomes: z.array(ApplyOutcome) });

export const OverrideInput = z.strictObject({
  subject: SubjectId,
  persona: PersonaId,
  source: z.string().min(1).max(100).default("api"),
  ttl: z
    .number()
    .int()
    .positive()
    .max(7 * 86_400)
    .optional()
    .meta({ unit: "s", description: "Seconds it stands; policy.forcedFor when absent." }),
});
export const OverrideView = z.strictObject({ subject: SubjectId, persona: PersonaId, until: Instant.nullable() });

export const BlendedProfile = z.strictObject({
  subject: SubjectId,
  profile: NetworkProfile,
  distribution: Distribution,
  deviceKinds: z.array(DeviceKind),
  overridden: z.boolean(),
  explanation: z.array(
    z.strictObject({
      path: z.string(),
      rule: z.string(),
      value: z.string(),
      from: z.array(z.strictObject({ persona: z.string(), probability: z.number(), value: z.string() })),
    }),
  ),
});

const document = z.record(z.string(), z.unknown());
export const HomeView = z.strictObject({
  home: Home.meta({ description: "As it is understood: defaults filled in, rates in kbit/s, durations in milliseconds." }),
  document: document.meta({ description: "As it was written. Edit this and PUT it back as JSON." }),
  text: z.string().meta({ description: "The YAML text with its comments. Edit this and PUT it back as YAML." }),
  etag: z.string().meta({ description: "Version to name in If-Match." }),
});

export const PersonaView = z.strictObject({
  persona: Persona,
  document: document.meta({ description: "The same in the form that PUT takes." }),
  origin: z.string().meta({ description: '"built-in", or the file it was read from.' }),
  predicted: z.boolean().meta({ description: "False: left out by policy.personas; it is only forced or proposed." }),
});

export const ProfileForm = z.strictObject({
  schema: z.record(z.string(), z.unknown()).meta({
    description: "JSON Schema of a profile as it may be written; `x-unit` and `x-blend` tell the unit of a field and how it is blended.",
  }),
  applications: z.array(Application.pick({ id: true, name: true, class: true })),
});

export const TokenInput = z.strictObject({
  name: z.string().min(1).max(40),
  scopes: z.array(z.enum(scopes)).min(1),
  subjects: z.array(SubjectId).min(1).optional().meta({ description: "Subjects it may speak about and see; all when absent." }),
  expiresAt: Instant.optional(),
});
export const TokenView = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  subjects: z.array(SubjectId).optional(),
  createdAt: Instant,
  expiresAt: Instant.optional(),
});
export const CreatedToken = z.strictObject({ token: z.string().meta({ description: "Shown this once." }), record: TokenView });

export const ErrorAnswer = z.strictObject({
  error: z.strictObject({
    code: z.string().meta({ description: "Stable; for programs." }),
    message: z.string().meta({ description: "What is wrong and what to do; for people." }),
    said: Said.optional(),
    field: z.string().optional().meta({ description: "Dotted path of the first field that is wrong." }),
    problems: z
      .array(
        z.strictObject({ field: z.string(), message: z.string(), line: z.number().int().optional(), column: z.number().int().optional() }),
      )
      .optional()
      .meta({ description: "Everything that is wrong with the input." }),
  }),
});

/** A whole number in a query string. */
export const queryInteger = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `expected a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .pipe(z.number().int().min(minimum).max(maximum))
    .meta({ integer: { minimum, maximum } });

/** An instant in a query string: ISO 8601, or milliseconds since 1970. */
export const QueryInstant = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : text))
  .pipe(Instant);
