import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, posix } from "node:path";
import { BadFileError, parsePersona } from "@network-personas/personas/load";
import { z } from "zod";
import {
  ApplyOutcome,
  BadInput,
  Correction,
  type Home,
  type HomeContent,
  type ImportWarning,
  Label,
  PersonasError,
  Prediction,
  SecretRef,
} from "../model/index.ts";
import type { Memory } from "../store/index.ts";
import type { HomeExport } from "./home-export.ts";
import { type HomeFile, parseHome } from "./home-file.ts";
import type { Secrets } from "./secrets.ts";

/** Texts of the home's own persona files in folders beside it, by their paths relative to home.yaml. */
export async function ownPersonaFiles(folder: string, { personas }: Home): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const named of personas.filter(isInside)) {
    const names = await readdir(join(folder, named)).catch(() => []);
    for (const name of names.filter((n) => /\.ya?ml$/.test(n)).sort())
      files[posix.join(named, name)] = await readFile(join(folder, named, name), "utf8");
  }
  return files;
}
const isInside = (path: string) => !isAbsolute(path) && !posix.normalize(path).startsWith("..");

export async function writePersonaFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flush: true });
  }
}

/** What a row of each table has to be for the engine to read it again. */
const json = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context) => {
    try {
      const found = schema.safeParse(JSON.parse(text));
      if (found.success) return found.data;
      context.addIssue({ code: "custom", message: found.error.issues[0]!.message, path: found.error.issues[0]!.path as string[] });
    } catch {
      context.addIssue({ code: "custom", message: "is damaged" });
    }
    return z.NEVER;
  });
const time = z.string().regex(/^\d{4}-\d\d-\d\dT/, "expected an instant");
const KeptSignal = z.looseObject({ id: z.string(), kind: z.string(), subject: z.string(), at: time, expiresAt: time });
const rows: Readonly<Record<string, z.ZodType>> = {
  signal: z.looseObject({ id: z.string(), at: time, expires: time, json: json(KeptSignal) }),
  prediction: z.looseObject({
    subject: z.string(),
    at: time,
    window_end: time,
    json: json(Prediction),
    features: json(z.looseObject({})).nullish(),
  }),
  label: z.looseObject({ subject: z.string(), from_at: time, to_at: time, source: z.string(), json: json(Label) }),
  correction: z.looseObject({ subject: z.string(), at: time, json: json(Correction) }),
  state: z.looseObject({ scorer: z.string(), subject: z.string(), version: z.number(), data: z.string() }),
  outcome: z.looseObject({ at: time, json: json(ApplyOutcome) }),
  document: z.looseObject({ kind: z.string(), id: z.string(), json: json(z.unknown()) }),
};

/**
 * Reads an export whole before anything is replaced.
 * @throws BadInput naming the part that is damaged
 */
export function checkedExport(backup: HomeExport): HomeFile {
  const about = <T>(field: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof BadFileError) throw new BadInput(field, error.message);
      throw error;
    }
  };
  const file = about("home", () => parseHome(backup.home, "home.yaml"));
  const folders = file.home.personas.filter(isInside).map((named) => posix.join(named, "."));
  for (const [path, text] of Object.entries(backup.personas)) {
    if (!/^[\w./-]+\.ya?ml$/.test(path) || path !== posix.normalize(path) || !folders.includes(posix.dirname(path)))
      throw new BadInput(`personas.${path}`, "is in no folder that the home's `personas` names");
    if (posix.basename(path) !== "applications.yaml") about(`personas.${path}`, () => parsePersona(text, path));
  }
  for (const [table, all] of Object.entries(backup.memory)) {
    const row = rows[table];
    if (!row) throw new BadInput(`memory.${table}`, "is nothing a home of this version remembers; it may come from a newer one");
    all.forEach((one, i) => {
      const { error } = row.safeParse(one);
      if (error)
        throw new BadInput(`memory.${table}.${i}.${error.issues[0]!.path.join(".")}`, `${error.issues[0]!.message}; the export is damaged`);
    });
  }
  return file;
}

export function contentOf(
  { home }: HomeFile,
  { memory, personas }: { memory: Memory; personas: Readonly<Record<string, string>> },
): HomeContent {
  const times = ["signal", "prediction", "outcome"].flatMap((table) => (memory[table] ?? []).map((row) => String(row.at)));
  return {
    id: home.home.id,
    name: home.home.name,
    people: home.people.map(({ id, name }) => name ?? id),
    devices: home.devices.length,
    calendars: home.calendars.map(({ id, name }) => name ?? id),
    routers: home.routers.map(({ id, driver, mode }) => ({ router: id, driver, mode })),
    personas: Object.keys(personas),
    records: Object.values(memory).reduce((sum, table) => sum + table.length, 0),
    since: times.length > 0 ? times.reduce((a, b) => (a < b ? a : b)) : null,
  };
}

/** What to know before `next` replaces `before`. */
export async function importWarnings(next: Home, before: Home | null, secrets: Secrets): Promise<ImportWarning[]> {
  const missing = await Promise.all(
    secretsIn(next).map(async ({ field, reference }): Promise<ImportWarning[]> => {
      try {
        await secrets.resolve(reference, field);
        return [];
      } catch (error) {
        return error instanceof PersonasError ? [{ kind: "secret-missing", what: error.message }] : [];
      }
    }),
  );
  const stays = new Set(next.routers.map(({ id }) => id));
  return [
    ...next.routers.filter(({ mode }) => mode === "live").map(({ id }): ImportWarning => ({ kind: "goes-live", what: id })),
    ...(before?.routers ?? [])
      .filter(({ id, mode }) => mode === "live" && !stays.has(id))
      .map(({ id }): ImportWarning => ({ kind: "keeps-ours", what: id })),
    ...missing.flat(),
  ];
}

function secretsIn(value: unknown, field = ""): { field: string; reference: SecretRef }[] {
  if (typeof value !== "object" || value === null) return [];
  const found = SecretRef.safeParse(value);
  if (found.success) return [{ field, reference: found.data }];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, field ? `${field}.${key}` : key));
}
