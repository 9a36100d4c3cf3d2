import { z } from "zod";
import { Instant, PersonaId, Probability, SubjectId } from "./ids.ts";
import { Said } from "./said.ts";

/** Somebody does something else since `since` than was expected of them, and at `at` what is in force followed. */
export const Correction = z.strictObject({
  subject: SubjectId,
  at: Instant,
  since: Instant,
  expected: PersonaId.meta({ description: "What was most probable until then." }),
  really: PersonaId,
  probability: Probability.meta({ description: "How likely what really goes on was held to be until then." }),
  source: z.string().meta({ description: 'Who told, e.g. "router:main/traffic".' }),
  why: z.string().meta({ description: "What is seen, or who told." }),
  said: Said.optional(),
});
export type Correction = z.infer<typeof Correction>;

/** A stretch of time in which what was expected a quarter of an hour ahead and what really went on stayed the same. */
export const ComparedStretch = z.strictObject({
  from: Instant,
  to: Instant,
  expected: PersonaId,
  really: PersonaId,
  probability: Probability.meta({ description: "How likely what really went on was held to be, on the mean." }),
});
export type ComparedStretch = z.infer<typeof ComparedStretch>;

/** One subject's predictions of today against what really happened. Time of which nobody knows what happened is left out. */
export const SubjectDay = z.strictObject({
  subject: SubjectId,
  known: z.number().nonnegative().meta({ unit: "min", description: "Time that can be compared." }),
  right: Probability.nullable().meta({
    description: "Share of it in which the most probable persona was what went on; null when none can.",
  }),
  stretches: z.array(ComparedStretch).meta({ description: "Oldest first." }),
});
export type SubjectDay = z.infer<typeof SubjectDay>;

/** Since local midnight: prediction against reality, and what was corrected. */
export const Today = z.strictObject({
  from: Instant,
  subjects: z.array(SubjectDay),
  corrections: z.array(Correction).meta({ description: "Newest first." }),
});
export type Today = z.infer<typeof Today>;
