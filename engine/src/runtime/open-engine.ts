import { dirname, join, resolve } from "node:path";
import { loadPersonas } from "@network-personas/personas/load";
import type { Clock, Log } from "../driver/port.ts";
import type { Store } from "../store/index.ts";
import { dataDirOf, openStore } from "./data-dir.ts";
import { type DriverResolver, packageResolver } from "./driver-resolver.ts";
import { Engine } from "./engine.ts";
import { type HomeFile, loadHome, saveHome } from "./home-file.ts";
import type { LineProbe } from "./line-watch.ts";
import { PersonaShelf } from "./persona-shelf.ts";
import { finishReplacing } from "./replace-home.ts";
import { type CredentialLookup, Secrets } from "./secrets.ts";
import { machineTimeZone, starterHome } from "./setup/starter.ts";
import { systemClock } from "./system.ts";

export interface OpenEngineOptions {
  /** Path of home.yaml. */
  home: string;
  /** Default: `.network-personas` beside home.yaml. */
  dataDir?: string | undefined;
  log: Log;
  /** Where there is no such file, begins with a home nobody has described yet instead of failing. */
  startNew?: boolean | undefined;
  clock?: Clock | undefined;
  credentials?: CredentialLookup | undefined;
  resolver?: DriverResolver | undefined;
  /** Default: the SQLite file of the data directory. */
  store?: Store | undefined;
  /** Default: a TCP handshake. */
  probe?: LineProbe | undefined;
}

/**
 * Builds the engine of a home from its file. The caller holds the lock.
 * @throws BadFileError, PersonasError, NewerDatabase
 */
export async function openEngine(options: OpenEngineOptions): Promise<{ engine: Engine; store: Store; secrets: Secrets }> {
  const path = resolve(options.home);
  const folder = dirname(path);
  const dataDir = dataDirOf(path, options.dataDir);
  // Once there was a file, one that is missing is an error again and no new beginning.
  const backups = join(dataDir, "backups");
  let starter = options.startNew ? starterHome({ timeZone: machineTimeZone() }) : undefined;
  let latest: HomeFile | undefined;
  const read = async () => {
    latest = await loadHome(path, starter, latest);
    if (!latest.isNew) starter = undefined;
    return latest;
  };
  const save = (text: string, etag?: string) => saveHome(path, text, backups, etag, starter);
  const half = { folder, dataDir, save: (text: string) => saveHome(path, text, backups, undefined, text) };
  if (await finishReplacing(half, (homeId) => openStore(dataDir, homeId))) options.log.info("an import that was interrupted is finished");
  const file = await read();
  const database = await loadPersonas(PersonaShelf.folders(folder, file.home.personas));
  const secrets = new Secrets(folder, options.credentials);
  const store = options.store ?? openStore(dataDir, file.home.home.id);
  try {
    const engine = await Engine.open({
      file,
      folder,
      dataDir,
      database,
      store,
      secrets,
      resolver: options.resolver ?? packageResolver(dataDir),
      clock: options.clock ?? systemClock,
      log: options.log,
      ...(options.probe ? { probe: options.probe } : {}),
      readHome: read,
      saveHome: async (text, etag) => {
        const saved = await save(text, etag);
        starter = undefined;
        return saved;
      },
    });
    return { engine, store, secrets };
  } catch (error) {
    await store.close();
    throw error;
  }
}
