import { z } from "zod";

/** The newest form of an export this version reads, and the only one there has been. */
const version = 1;

/** The whole home in one file: what it says and what it remembers. Tokens and secrets stay where they are. */
export const HomeExport = z.strictObject({
  format: z.literal("network-personas-export", { error: "this is no export of a home" }),
  version: z.literal(version, {
    error: ({ input }) =>
      typeof input === "number" && input > version
        ? "this export was written by a newer version of Network Personas; update this one first"
        : "this export has no version that is known",
  }),
  exportedAt: z.iso.datetime({ offset: true }),
  home: z.string().meta({ description: "The text of home.yaml." }),
  personas: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: "The home's own persona files: their texts by their paths relative to home.yaml." }),
  memory: z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])))),
});
export type HomeExport = z.infer<typeof HomeExport>;

export const homeExport = (home: string, { memory, personas }: Pick<HomeExport, "memory" | "personas">, at: Date): HomeExport => ({
  format: "network-personas-export",
  version,
  exportedAt: at.toISOString(),
  home,
  personas,
  memory,
});
