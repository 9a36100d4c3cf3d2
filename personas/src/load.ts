import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Application } from "./application.ts";
import { everyday, Persona, type PersonaSet } from "./persona.ts";
import { BadFileError, parseYaml } from "./yaml-file.ts";

export { describeIssues } from "./issues.ts";
export { BadFileError, type Problem, parseYaml } from "./yaml-file.ts";

/** The personas and applications that come with the product. */
export const builtInFolder: string = fileURLToPath(new URL("../data/", import.meta.url));

const ApplicationFile = z.strictObject({ applications: z.array(Application) });
const applicationFile = "applications.yaml";

/** Reads one persona; its id must be the file's name. */
export function parsePersona(text: string, file: string): Persona {
  const persona = parseYaml(text, Persona, file);
  const expected = basename(file).replace(/\.ya?ml$/, "");
  if (persona.id !== expected) {
    throw new BadFileError(file, [
      { line: 1, column: 1, field: "id", message: `is "${persona.id}" but the file is named "${expected}"; make them the same` },
    ]);
  }
  return persona;
}

/** What a folder of persona files holds. Files with problems are left out and reported. */
export interface PersonaFolder {
  personas: Map<string, Persona>;
  applications: Map<string, Application>;
  /** Where each persona is from. */
  files: Map<string, string>;
  errors: BadFileError[];
}

/** Reads every persona of a folder (and its applications.yaml). A missing folder is an empty one. */
export async function loadFolder(folder: string): Promise<PersonaFolder> {
  const found: PersonaFolder = { personas: new Map(), applications: new Map(), files: new Map(), errors: [] };
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [] as string[];
    throw error;
  });
  for (const name of names.filter((n) => /\.ya?ml$/.test(n)).sort()) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8");
    try {
      if (name === applicationFile)
        for (const app of parseYaml(text, ApplicationFile, file).applications) found.applications.set(app.id, app);
      else {
        const persona = parsePersona(text, file);
        found.personas.set(persona.id, persona);
        found.files.set(persona.id, file);
      }
    } catch (error) {
      if (!(error instanceof BadFileError)) throw error;
      found.errors.push(error);
    }
  }
  return found;
}

/** The persona database of a home. */
export interface PersonaDatabase {
  personas: PersonaSet;
  applications: ReadonlyMap<string, Application>;
  /** The files of the home's own personas; built-in ones have none. */
  ownFiles: ReadonlyMap<string, string>;
  /** Files that were left out, with the reason. */
  errors: readonly BadFileError[];
}

/** What comes with the product stays the same while it runs. */
let builtIn: Promise<PersonaFolder> | undefined;

/** What the build makes of the built-in folder, beside the compiled reader: personas and applications as they are after reading. */
const compiledFile = "built-in.json";

/** The built-in folder as one JSON text. Reading YAML leaves ten megabytes of garbage behind, in every process that begins. */
export async function compileBuiltIn(): Promise<string> {
  const { personas, applications, errors } = await loadFolder(builtInFolder);
  if (errors[0]) throw errors[0];
  return JSON.stringify({ personas: [...personas], applications: [...applications] });
}

async function loadBuiltIn(): Promise<PersonaFolder> {
  const text = await readFile(new URL(compiledFile, import.meta.url), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return loadFolder(builtInFolder);
  const { personas, applications } = JSON.parse(text);
  return { personas: new Map(personas), applications: new Map(applications), files: new Map(), errors: [] };
}

/** Built-in personas, overridden and extended by the home's own folders (later ones win). */
export async function loadPersonas(ownFolders: readonly string[] = []): Promise<PersonaDatabase> {
  builtIn ??= loadBuiltIn();
  const [common, ...own] = await Promise.all([builtIn, ...ownFolders.map(loadFolder)]);
  const folders = [common, ...own];
  const personas = new Map(folders.flatMap((f) => [...f.personas]));
  const applications = new Map(folders.flatMap((f) => [...f.applications]));
  const errors = folders.flatMap((f) => f.errors);
  for (const persona of personas.values()) errors.push(...unknownApplications(persona, applications));
  if (!personas.has(everyday)) throw new Error(`the persona "${everyday}" is missing from ${builtInFolder}`);
  return { personas, applications, ownFiles: new Map(own.flatMap((f) => [...f.files])), errors };
}

/** Applications a persona names that no catalogue has. */
export function unknownApplications(persona: Persona, catalogue: ReadonlyMap<string, Application>): BadFileError[] {
  const { allowed, blocked } = persona.profile.applications;
  const named = [...allowed, ...blocked, ...Object.values(persona.profile.qos.demands).flatMap((d) => d.applications)];
  const unknown = [...new Set(named.filter((id) => !catalogue.has(id)))];
  if (unknown.length === 0) return [];
  return [
    new BadFileError(`${persona.id}.yaml`, [
      { line: 1, column: 1, field: "profile.applications", message: `names applications that are in no catalogue: ${unknown.join(", ")}` },
    ]),
  ];
}
