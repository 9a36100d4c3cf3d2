import type { PersonasClient } from "@network-personas/engine/client";
import type { SentenceLanguage } from "@network-personas/engine/model";
import { isConfigured, type PluginConfig, readConfig } from "../config.ts";
import { homeInside, silentLog } from "../open-engine.ts";
import { Problem, problemOf } from "../problem.ts";

/** What every request of the page brings. */
export interface Asked {
  /** The page's settings, saved or not. */
  settings?: unknown;
  language?: unknown;
}
export const languageOf = ({ language }: Asked): SentenceLanguage => (language === "de" ? "de" : "en");

/** An engine that runs, elsewhere or within Homebridge. */
export interface Reached {
  client: PersonasClient;
  /** Where its API is; null when it serves none. */
  url: string | null;
  /** Whether it runs on this machine and lets us in as its owner. */
  here: boolean;
}

/**
 * Settings that say where an engine is.
 * @throws Error that says what to do
 */
export function settingsOf(settings: unknown): PluginConfig {
  const read = readConfig(settings ?? {});
  if ("problems" in read) throw new Error(read.problems[0]);
  if (!isConfigured(read.config)) throw new Problem("no-place");
  return read.config;
}

/**
 * Asks the engine that the settings name. One within Homebridge is never started here: it belongs to Homebridge's own process.
 * @throws Error that says what to do
 */
export async function askEngine<T>(settings: unknown, storage: string, ask: (engine: Reached) => Promise<T>): Promise<T> {
  const { url, token, home } = settingsOf(settings);
  if (url !== "") {
    const { connectRemote } = await import("@network-personas/engine/client");
    const client = connectRemote({ url, token: token || undefined, timeoutMs: 10_000 });
    return ask({ client, url, here: false })
      .catch((error) => Promise.reject(problemOf(error, url)))
      .finally(() => client.close());
  }
  const file = await homeInside(storage, home);
  const { dataDirOf, lockHolder, openHome } = await import("@network-personas/engine");
  const holder = lockHolder(dataDirOf(file));
  if (!holder) throw new Problem("not-running");
  if (holder.problem) throw new Problem("no-api", { why: holder.problem });
  const handle = await openHome({ home: file, log: silentLog, linger: 0 });
  return ask({ client: handle.client, url: handle.url, here: true }).finally(() => handle.close());
}
