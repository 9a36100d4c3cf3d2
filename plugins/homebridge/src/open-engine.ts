import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { PluginConfig } from "./config.ts";
import type { Opened } from "./engine-link.ts";
import { Problem } from "./problem.ts";

/** Where the engine's own messages go. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Connects to an engine elsewhere, or opens a home in this process. The engine is loaded only when it is needed here. */
export async function openEngine(config: PluginConfig, storage: string, log: Log): Promise<Opened> {
  if (config.url !== "") {
    const { connectRemote } = await import("@network-personas/engine/client");
    const client = connectRemote({ url: config.url, token: config.token || undefined, reconnect: { longestDelayMs: 10_000 } });
    return { client, close: () => client.close(), runs: "elsewhere" };
  }
  const home = await homeInside(storage, config.home);
  const { dataDirOf, openHome, packageResolver } = await import("@network-personas/engine");
  const { client, own, close } = await openHome({
    home,
    // Router drivers are a dependency of this package, wherever the engine itself was installed.
    resolver: packageResolver(dataDirOf(home), import.meta.dirname),
    host: "homebridge",
    log,
    linger: 0,
  });
  return { client, close, runs: own ? "here" : "beside" };
}

/**
 * Path of the home file. An engine writes beside it, and a plugin writes nowhere but in Homebridge's storage.
 * @throws Problem that says where to put it
 */
export async function homeInside(storage: string, home: string): Promise<string> {
  const path = resolve(storage, home);
  const within = relative(await realpath(storage), await realFolder(dirname(path)));
  if (within.startsWith("..") || isAbsolute(within)) {
    throw new Problem("outside", { file: home, storage });
  }
  return path;
}

/** Where a folder really is, links resolved, as far as it exists. */
async function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(async () =>
    folder === dirname(folder) ? folder : join(await realFolder(dirname(folder)), basename(folder)),
  );
}
