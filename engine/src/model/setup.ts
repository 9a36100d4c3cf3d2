import { z } from "zod";
import { CalendarConfig, RouterConfig, SecretRef } from "./home.ts";
import { CalendarStatus, DoctorFinding, UpcomingEvent } from "./state.ts";

/** A text for people in every language the pages speak. */
export const Localised = z.strictObject({ en: z.string(), de: z.string() });
export type Localised = z.infer<typeof Localised>;

/** One thing a driver wants to be told about its router: a field of its entry in home.yaml. */
export const DriverQuestion = z.strictObject({
  field: z.string(),
  label: Localised,
  required: z.boolean(),
  secret: z.boolean().meta({ description: "Goes into the keeping of secrets, and only its name into home.yaml." }),
  suggestion: z.string().optional(),
});
export type DriverQuestion = z.infer<typeof DriverQuestion>;

/** A family of routers, as it is offered to whoever sets a home up. */
export const DriverOffer = z.strictObject({
  driver: z.string(),
  name: z.string().meta({ description: "As its owners call it." }),
  questions: z.array(DriverQuestion),
  prepare: Localised.meta({ description: "What to do at the router first, and which right that grants." }),
  commands: z.string().optional().meta({ description: "What to type at the router for it." }),
});
export type DriverOffer = z.infer<typeof DriverOffer>;

/** A router that looks like one of a family, without a login. */
export const FoundRouter = z.strictObject({
  driver: z.string(),
  url: z.string().meta({ description: "For the router's `url`." }),
});
export type FoundRouter = z.infer<typeof FoundRouter>;

/** The two secrets a router's entry may name. */
export const secretFields = ["password", "apiKey"] as const;

export const RouterTrialInput = z.strictObject({
  router: RouterConfig.meta({ description: "The entry as it would stand in home.yaml." }),
  secrets: z
    .strictObject({ password: z.string().min(1).max(1000).optional(), apiKey: z.string().min(1).max(1000).optional() })
    .default({})
    .meta({ description: "Used for this trial and forgotten; instead of what the entry names." }),
});
export type RouterTrialInput = z.output<typeof RouterTrialInput>;

/** What came of trying a router: nothing was written to it. */
export const RouterTrial = z.strictObject({
  ready: z.boolean().meta({ description: "Nothing is missing that the driver cannot do without." }),
  identity: z.strictObject({ vendor: z.string(), model: z.string(), firmware: z.string() }).nullable(),
  undoneBy: z
    .enum(["router", "engine"])
    .nullable()
    .meta({ description: "Who takes back a change that is not confirmed; null when not known." }),
  findings: z.array(DoctorFinding),
});
export type RouterTrial = z.infer<typeof RouterTrial>;

export const CalendarTrialInput = z
  .strictObject({
    ics: z
      .union([z.string().min(1).max(4000), SecretRef])
      .optional()
      .meta({ description: "A path, or an http(s):// or webcal:// URL." }),
    caldav: z
      .strictObject({
        url: z.url(),
        username: z.string().min(1),
        password: z.union([z.string().min(1).max(1000), SecretRef]),
      })
      .optional(),
    meanings: CalendarConfig.shape.meanings,
  })
  .refine((c) => (c.ics === undefined) !== (c.caldav === undefined), { error: "needs exactly one of `ics` and `caldav`" });
export type CalendarTrialInput = z.output<typeof CalendarTrialInput>;

/** What a calendar holds, before it belongs to the home. */
export const CalendarTrial = z.strictObject({
  status: CalendarStatus,
  events: z.array(UpcomingEvent).meta({ description: "The next five, of the next 31 days, with what each is taken to mean." }),
});
export type CalendarTrial = z.infer<typeof CalendarTrial>;
