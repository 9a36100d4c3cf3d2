import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { PersonasError } from "../model/index.ts";
import type { Store } from "../store/index.ts";
import { checkedExport, writePersonaFiles } from "./backup.ts";
import { HomeExport } from "./home-export.ts";
import type { HomeFile } from "./home-file.ts";

/** What a home is made of on disk. */
export interface HomePlace {
  /** Of home.yaml. */
  folder: string;
  dataDir: string;
  store: Store;
  /** Writes home.yaml. */
  save(text: string): Promise<HomeFile>;
}

/** A replacement that was begun. Its file stays until all of it is done: killed in between, the next start goes on with it. */
const Replacement = z.strictObject({
  by: HomeExport,
  /** Id of the home that is replaced, and its own persona files. */
  from: z.string(),
  gone: z.array(z.string()),
});
type Replacement = z.infer<typeof Replacement>;
const begunFile = (dataDir: string) => join(dataDir, "import-begun.json");

/**
 * Puts an export in the place of a home and of all it remembers: all of it, or when that fails nothing. `before`: what is there now;
 * it is kept as an export in the data directory.
 * @returns the name of that file, and the home that is in force
 */
export async function replaceHome(
  place: HomePlace,
  { before, from, by, at }: { before: HomeExport; from: string; by: HomeExport; at: number },
): Promise<{ kept: string; file: HomeFile }> {
  const kept = `before-import-${at}.json`;
  await writePrivate(join(place.dataDir, kept), before);
  const replacement = { by, from, gone: Object.keys(before.personas) };
  const begun = begunFile(place.dataDir);
  await writePrivate(begun, replacement);
  try {
    return { kept, file: await carryOut(place, replacement) };
  } catch (error) {
    await place.store.restore(before.memory, from);
    await writePersonaFiles(place.folder, before.personas);
    throw error;
  } finally {
    await rm(begun, { force: true });
  }
}

/** @throws PersonasError "import-unfinished" while a home is half this and half that */
export function assertWhole(dataDir: string): void {
  if (!existsSync(begunFile(dataDir))) return;
  throw new PersonasError(
    "import-unfinished",
    "an import is under way or was interrupted; start the engine, which finishes it, or import again",
    {
      responsible: "owner",
    },
  );
}

/**
 * Finishes what an end in between has left half done.
 * @throws PersonasError "import-unfinished" when it cannot be read
 */
export async function finishReplacing({ dataDir, ...place }: Omit<HomePlace, "store">, open: (homeId: string) => Store): Promise<boolean> {
  const begun = begunFile(dataDir);
  const text = await readFile(begun, "utf8").catch(() => undefined);
  if (text === undefined) return false;
  let replacement: Replacement;
  try {
    replacement = Replacement.parse(JSON.parse(text));
  } catch (error) {
    throw new PersonasError(
      "import-unfinished",
      `${begun} is damaged, so the import it was written for cannot be finished; remove it, and import again`,
      { responsible: "owner", cause: error },
    );
  }
  const store = open(replacement.from);
  try {
    await carryOut({ dataDir, store, ...place }, replacement);
  } finally {
    await store.close();
  }
  await rm(begun, { force: true });
  return true;
}

/** Every step may be done twice. */
async function carryOut({ folder, store, save }: HomePlace, { by, gone }: Replacement): Promise<HomeFile> {
  const { home } = checkedExport(by);
  await store.restore(by.memory, home.home.id);
  for (const file of gone.filter((name) => !(name in by.personas))) await rm(join(folder, file), { force: true });
  await writePersonaFiles(folder, by.personas);
  return save(by.home);
}

/** Whole or not at all, for this user only. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  const whole = `${file}.${process.pid}.new`;
  try {
    await writeFile(whole, JSON.stringify(value), { mode: 0o600, flush: true });
    await rename(whole, file);
  } catch (error) {
    await rm(whole, { force: true });
    throw error;
  }
}
