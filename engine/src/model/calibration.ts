import { z } from "zod";
import { Probability, SubjectId } from "./ids.ts";

/** The first guesses of about one sureness, and how often they were right: whoever is well calibrated is right as often as they say. */
export const Sureness = z.strictObject({
  from: Probability.meta({ description: "Bounds of the first guess's probability." }),
  to: Probability,
  windows: z.number().int().positive(),
  said: Probability.meta({ description: "Mean probability of the first guess." }),
  right: Probability.meta({ description: "Share of windows in which it was right." }),
});
export type Sureness = z.infer<typeof Sureness>;

/** How well predictions of the next quarter of an hour did, where it is known what then happened. */
export const Measured = z.strictObject({
  right: Probability.meta({ description: "Share of windows whose first guess was right." }),
  ours: Probability.meta({ description: "Geometric mean of the probability that what then happened was given: e to the minus log loss." }),
  guess: Probability.meta({ description: "The same for somebody who knows how often each persona happens, and nothing else." }),
  commonest: Probability.meta({
    description: "Share of windows in which the commonest persona happened: how often always saying it is right.",
  }),
  sureness: z.array(Sureness).meta({ description: "Only those of which there were any." }),
});
export type Measured = z.infer<typeof Measured>;

/** How well one subject is predicted. */
export const Calibration = z.strictObject({
  subject: SubjectId,
  windows: z.number().int().nonnegative().meta({ description: "Quarters of an hour of which it is known what happened." }),
  measured: Measured.nullable().meta({ description: "null while there are too few to say anything." }),
});
export type Calibration = z.infer<typeof Calibration>;

/** How well everybody is predicted who is recorded. */
export const CalibrationReport = z.strictObject({
  days: z.number().int().positive().meta({ description: "How far back it looks." }),
  subjects: z.array(Calibration),
});
export type CalibrationReport = z.infer<typeof CalibrationReport>;
