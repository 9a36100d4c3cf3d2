import { z } from "zod";

/** The whole home in one file: what it says and what it remembers. Tokens and secrets stay where they are. */
export const HomeExport = z.strictObject({
  format: z.literal("network-personas-export", { error: "this is no export of a home" }),
  version: z.literal(1, { error: "this export comes from another version of Network Personas" }),
  exportedAt: z.string(),
  home: z.string().meta({ description: "The text of home.yaml." }),
  memory: z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])))),
});
export type HomeExport = z.infer<typeof HomeExport>;

export const homeExport = (home: string, memory: HomeExport["memory"], at: Date): HomeExport => ({
  format: "network-personas-export",
  version: 1,
  exportedAt: at.toISOString(),
  home,
  memory,
});
