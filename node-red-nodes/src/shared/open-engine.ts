import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { BadMessage } from "./bad-message.ts";
import type { Opened } from "./connection.ts";

/** Where the engine's own messages go. */
interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a config node says about its engine. `secrets` are the values of `{ credential: NAME }` by name. */
export type EngineSettings =
  | { mode: "home"; home: string; userDir: string; log: Log; secrets: ReadonlyMap<string, string> }
  | { mode: "remote"; url: string; token: string };

/** Opens a home in this process, or connects to an engine elsewhere. The engine is loaded only when it is needed here. */
export function openEngine(settings: EngineSettings): Promise<Opened> {
  return settings.mode === "remote" ? openRemote(settings) : openHere(settings);
}

async function openRemote({ url, token }: EngineSettings & { mode: "remote" }): Promise<Opened> {
  if (url.trim() === "") throw new BadMessage("noUrl");
  const { connectRemote } = await import("@network-personas/engine/client");
  const client = connectRemote({ url: url.trim(), token: token || undefined });
  return { client, close: () => client.close(), replaceable: false };
}

/** Newest secrets by home: an engine outlives the config node that opened it, and asks again when something failed. */
const secretsOf = new Map<string, ReadonlyMap<string, string>>();

async function openHere({ home: path, userDir, log, secrets }: EngineSettings & { mode: "home" }): Promise<Opened> {
  if (path.trim() === "") throw new BadMessage("noHome");
  const { dataDirOf, openHome, packageResolver } = await import("@network-personas/engine");
  const home = resolve(userDir, path.trim());
  const before = secretsOf.get(home);
  secretsOf.set(home, secrets);
  const { client, own, setupUrl, close } = await openHome({
    home,
    startNew: true,
    // Router drivers are a dependency of this package, wherever the engine itself was installed.
    resolver: packageResolver(dataDirOf(home), import.meta.dirname),
    host: "node-red",
    log,
    credentials: (name) => secretsOf.get(home)?.get(name),
  });
  // The link holds a token, and the sidebar needs none.
  if (setupUrl) log.warn(`there is no ${home} yet: set your home up in the sidebar tab Network Personas`);
  // The doctor tries at once what failed for want of a secret.
  if (before && !isDeepStrictEqual(before, secrets)) client.doctor().catch(() => {});
  return { client, close, replaceable: !own };
}
