import type { PersonasClient } from "@network-personas/engine/client";
import { type PluginConfig, readConfig } from "../config.ts";
import { homeInside, silentLog } from "../open-engine.ts";

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
  const read = readConfig(settings);
  if ("problems" in read) throw new Error(read.problems[0]);
  if (read.config.url === "" && read.config.home === "") throw new Error("Say where the engine is first: an address, or a home file.");
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
    return ask({ client, url, here: false }).finally(() => client.close());
  }
  const file = await homeInside(storage, home);
  const { dataDirOf, lockHolder, openHome } = await import("@network-personas/engine");
  if (!lockHolder(dataDirOf(file))) throw new Error("The engine does not run yet: save, and restart Homebridge.");
  const handle = await openHome({ home: file, log: silentLog, linger: 0 });
  return ask({ client: handle.client, url: handle.url, here: true }).finally(() => handle.close());
}
