import { z } from "zod";
import { Instant } from "./ids.ts";

/** What a home consists of, as it is told to whoever is about to replace it. */
export const HomeContent = z.strictObject({
  id: z.string(),
  name: z.string(),
  people: z.array(z.string()),
  devices: z.number().int(),
  calendars: z.array(z.string()),
  routers: z.array(z.strictObject({ router: z.string(), driver: z.string(), mode: z.enum(["preview", "live"]) })),
  personas: z.array(z.string()).meta({ description: "Files of its own personas." }),
  records: z.number().int().meta({ description: "Signals, predictions, labels, corrections, outcomes and what was learned." }),
  since: Instant.nullable().meta({ description: "The oldest of them that has a time." }),
});
export type HomeContent = z.infer<typeof HomeContent>;

/** What to know before a home is replaced: a router that is written to at once, one that keeps what is ours, a secret that is not here. */
export const ImportWarning = z.strictObject({
  kind: z.enum(["goes-live", "keeps-ours", "secret-missing"]),
  what: z.string().meta({ description: "Id of the router, or where the secret is and what to do." }),
});
export type ImportWarning = z.infer<typeof ImportWarning>;

export const ImportPreview = z.strictObject({
  exportedAt: Instant,
  contains: HomeContent,
  replaces: HomeContent.nullable().meta({ description: "null: nobody has described this home yet." }),
  warnings: z.array(ImportWarning),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

export const ImportResult = z.strictObject({
  kept: z.string().meta({ description: "File in the data directory that holds what was there before; it can be imported in turn." }),
});
export type ImportResult = z.infer<typeof ImportResult>;
