import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { PersonasClient } from "@network-personas/engine/client";
import { type EngineState, mayBePredicted, personaIn, type SentenceLanguage, say } from "@network-personas/engine/model";
import { type PluginConfig, readConfig } from "../config.ts";
import { isUsual } from "../exposure.ts";
import { homeInside } from "../open-engine.ts";
import { Problem } from "../problem.ts";
import { type Asked, askEngine, languageOf, settingsOf } from "./ask-engine.ts";
import { StarterAnswers, servedAt } from "./starter.ts";

/** Why a persona is active, as the page's words call it; `share` in percent. */
type How = { by: "forced" | "byFlow" } | { by: "likely"; share: number };

/** What the settings page shows of the engine. */
export interface Look {
  home: string;
  /** False: the home file is good, but its engine does not run yet. */
  running: boolean;
  people: readonly { id: string; name: string; active: string; how: How | null }[];
  /** Personas that a person can have. */
  personas: readonly {
    id: string;
    name: string;
    description: string;
    /** Has a switch for the whole home unless others are named. */
    usual: boolean;
  }[];
  problems: readonly string[];
}

/**
 * Tries what the page's settings say, and tells what is there.
 * @throws Error that says what to do
 */
export async function look(asked: Asked, storage: string): Promise<Look> {
  const config = settingsOf(asked.settings);
  return config.url === "" ? lookHere(config, asked, storage) : askEngine(config, storage, ({ client }) => lookWith(client, asked));
}

/** The engine of a home within Homebridge runs in Homebridge's process, not here: it is asked when it is there, and never started. */
async function lookHere(config: PluginConfig, asked: Asked, storage: string): Promise<Look> {
  const home = await homeInside(storage, config.home);
  await access(home).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new Problem("no-file", { file: config.home });
  });
  const { dataDirOf, loadHome, lockHolder, personasOf } = await import("@network-personas/engine");
  const file = await loadHome(home);
  if (lockHolder(dataDirOf(home))) return askEngine(config, storage, ({ client }) => lookWith(client, asked));
  const { personas, problems } = await personasOf(home, file.home);
  const entries = personas.map((persona) => ({ persona, predicted: mayBePredicted(file.home.policy, persona.id) }));
  const people = file.home.people.map(({ id, name }) => ({ id, name: name ?? id, active: "", how: null }));
  return {
    home: file.home.home.name,
    running: false,
    people,
    personas: ofPeople(entries, languageOf(asked)),
    problems,
  };
}

/**
 * Writes a first home file where the settings say, never over one that is there.
 * @throws Error that says what to do
 */
export async function createHome({ settings, answers }: Asked & { answers?: unknown }, storage: string): Promise<void> {
  const read = readConfig(settings ?? {});
  if ("problems" in read) throw new Error(read.problems[0]);
  const { letIn, ...known } = StarterAnswers.parse(answers ?? {});
  const path = resolve(storage, read.config.home);
  // Its folder is looked at before it is made: nothing is made outside the storage.
  await homeInside(storage, read.config.home);
  await mkdir(dirname(path), { recursive: true });
  const { starterHome } = await import("@network-personas/engine");
  const text = starterHome({ ...known, api: await servedAt(letIn) });
  await writeFile(path, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? new Problem("file-exists", { file: read.config.home }) : error;
  });
}

async function lookWith(client: PersonasClient, asked: Asked): Promise<Look> {
  const [state, entries] = await Promise.all([client.state(), client.request("GET", "/v1/personas") as Promise<PersonaEntries>]);
  const language = languageOf(asked);
  const nameOf = (id: string) => {
    const known = entries.find(({ persona }) => persona.id === id)?.persona;
    return known ? (personaIn(language, known) ?? known).name : id;
  };
  return {
    home: state.home.name,
    running: true,
    people: state.subjects
      .filter(({ appliesTo }) => appliesTo === "person")
      .map((person) => ({ id: person.subject, name: person.name, active: nameOf(person.active), how: howOf(person) })),
    personas: ofPeople(entries, language),
    problems: state.problems.map((text, index) => {
      const said = state.problemsSaid?.[index];
      return (said && say(said, { language, persona: nameOf })) ?? text;
    }),
  };
}

type PersonaEntries = readonly {
  persona: { id: string; name: string; description: string; appliesTo: "person" | "device" | "any" };
  predicted?: boolean;
}[];

const ofPeople = (entries: PersonaEntries, language: SentenceLanguage): Look["personas"] =>
  entries
    .filter(({ persona }) => persona.appliesTo !== "device")
    .map(({ persona, predicted }) => {
      const { name, description } = personaIn(language, persona) ?? persona;
      return { id: persona.id, name, description, usual: isUsual({ id: persona.id, predicted }) };
    });

function howOf({ decidedBy, active, distribution }: EngineState["subjects"][number]): How {
  if (decidedBy === "override") return { by: "forced" };
  if (decidedBy === "proposal") return { by: "byFlow" };
  return { by: "likely", share: Math.round((distribution[active] ?? 0) * 100) };
}
