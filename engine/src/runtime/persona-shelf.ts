import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import type { Application, Persona, PersonaSet } from "@network-personas/personas";
import { loadPersonas, type PersonaDatabase, unknownApplications } from "@network-personas/personas/load";
import { BadInput, type Home, NotFound } from "../model/index.ts";
import type { PersonaEntry } from "./port.ts";

/** The personas that a home file gives its engine, and what is wrong with its own, without starting one. */
export async function personasOf(file: string, home: Home): Promise<{ personas: Persona[]; problems: string[] }> {
  const { personas, errors } = await loadPersonas(PersonaShelf.folders(dirname(file), home.personas));
  return { personas: [...personas.values()], problems: errors.map(({ message }) => message) };
}

/** The personas of a home: those that come with the product, overridden and extended by its own files. */
export class PersonaShelf {
  #database: PersonaDatabase;
  readonly #folder: string;
  #ownFolders: readonly string[];

  constructor(database: PersonaDatabase, folder: string, ownFolders: readonly string[]) {
    this.#database = database;
    this.#folder = folder;
    this.#ownFolders = ownFolders;
  }
  get personas(): PersonaSet {
    return this.#database.personas;
  }
  get applications(): ReadonlyMap<string, Application> {
    return this.#database.applications;
  }
  get problems(): string[] {
    return this.#database.errors.map((e) => e.message);
  }

  /** The home's own folders, absolute. */
  static folders(folder: string, named: readonly string[]): string[] {
    return named.map((name) => (isAbsolute(name) ? name : join(folder, name)));
  }

  async reload(ownFolders: readonly string[] = this.#ownFolders): Promise<void> {
    this.#ownFolders = ownFolders;
    this.#database = await loadPersonas(PersonaShelf.folders(this.#folder, ownFolders));
  }

  entries(): PersonaEntry[] {
    return [...this.#database.personas.values()].map((persona) => {
      const file = this.#database.ownFiles.get(persona.id);
      return { persona, origin: file ? relative(this.#folder, file) : "built-in" };
    });
  }

  /** Writes a persona where the home's own one is, or else into the home's first own folder. */
  async put(persona: Persona, text: string): Promise<PersonaEntry> {
    const [problem] = unknownApplications(persona, this.applications);
    if (problem) throw problem;
    const [folder] = PersonaShelf.folders(this.#folder, this.#ownFolders);
    if (!folder) throw new BadInput("", "this home has no folder for own personas; add one to home.yaml, e.g. personas: [./personas]");
    await mkdir(folder, { recursive: true });
    await writeFile(this.#database.ownFiles.get(persona.id) ?? join(folder, `${persona.id}.yaml`), text, { flush: true });
    await this.reload();
    return this.entries().find((e) => e.persona.id === persona.id)!;
  }

  async remove(id: string): Promise<void> {
    const file = this.#database.ownFiles.get(id);
    if (!file) {
      if (this.#database.personas.has(id))
        throw new BadInput("id", `"${id}" comes with the product and cannot be deleted; override it, or leave it out with policy.personas`);
      throw new NotFound("persona", id);
    }
    await rm(file, { force: true });
    await this.reload();
  }
}
