import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseYaml } from "@network-personas/personas/load";
import { z } from "zod";
import { PlanField, Support } from "../model/index.ts";

/** What a router family makes of one field of a plan. */
export const SupportRow = z.strictObject({
  support: Support,
  how: z
    .string()
    .min(10)
    .meta({ description: "What it becomes on the router; for `substituted`, what is done instead; for `impossible`, why." }),
  hardware: z.string().min(1).meta({
    description: 'Model and firmware it was recorded on; "none" until then, however well emulators and real kernels bore it.',
  }),
});
export type SupportRow = z.infer<typeof SupportRow>;

/** A driver's support.yaml: a row for every field of a plan, so that nothing is dropped silently. */
export const SupportFile = z.strictObject({
  driver: z.string().min(1),
  router: z.string().min(1).meta({ description: "Router family and versions it is about." }),
  leases: SupportRow.meta({
    description: "Whether restrictions nobody ordered himself run out on the router when the engine does not renew them.",
  }),
  dhcpFingerprint: SupportRow.optional().meta({
    description: "Whether clients can be told by what they ask a DHCP server for; absent: nobody looked.",
  }),
  fields: z.record(PlanField, SupportRow),
});
export type SupportFile = z.infer<typeof SupportFile>;

/**
 * Reads the support.yaml of a driver, e.g. `loadSupport(new URL("./support.yaml", import.meta.url))`.
 * @throws BadFileError naming the row that is missing or wrong
 */
export async function loadSupport(file: URL): Promise<SupportFile> {
  const path = fileURLToPath(file);
  return parseYaml(await readFile(path, "utf8"), SupportFile, `${basename(dirname(path))}/${basename(path)}`);
}

/** The `fields` of Capabilities, as the support.yaml declares them. */
export function supportedFields(file: SupportFile): Record<PlanField, Support> {
  return Object.fromEntries(Object.entries(file.fields).map(([field, row]) => [field, row.support])) as Record<PlanField, Support>;
}
