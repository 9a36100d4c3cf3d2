import { NetworkProfile, Rate } from "@network-personas/personas";
import { z } from "zod";
import { Instant, SubjectId } from "./ids.ts";
import { Distribution } from "./prediction.ts";

/**
 * A third party's wish for a subject's profile for a while. It may change rates within safety or tighten security;
 * it can never loosen security.
 */
export const Constraint = z.strictObject({
  id: z.string().min(1).max(100).optional(),
  subject: SubjectId,
  source: z.string().min(1).max(100),
  expiresAt: Instant.optional(),
  floor: z
    .strictObject({ down: Rate.optional(), up: Rate.optional() })
    .optional()
    .meta({ description: "At least this rate, within what is safe." }),
  cap: z.strictObject({ down: Rate.optional(), up: Rate.optional() }).optional().meta({ description: "At most this rate." }),
  weight: z.number().min(0.125).max(8).optional(),
  blockApplications: z.array(z.string()).default([]),
  tighten: z.array(z.enum(["inboundClosed", "isolated", "malwareFilter", "familyFilter", "firewallStrict"])).default([]),
  why: z.string().max(200).default(""),
});
export type Constraint = z.output<typeof Constraint> & { id: string };

/** Replaces the engine's own profile of a subject until it expires. */
export const Proposal = z
  .strictObject({
    subject: SubjectId,
    source: z.string().min(1).max(100),
    ttl: z.number().int().positive().max(86_400).default(900).meta({ unit: "s", description: "Seconds it stands." }),
    profile: NetworkProfile.optional(),
    distribution: Distribution.optional(),
  })
  .refine((p) => (p.profile === undefined) !== (p.distribution === undefined), {
    error: "needs exactly one of `profile` and `distribution`",
  });
export type Proposal = z.output<typeof Proposal> & { id: string; at: string; expiresAt: string };
