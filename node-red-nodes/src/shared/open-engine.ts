import { resolve } from "node:path";
import { BadMessage } from "./bad-message.ts";
import type { Opened } from "./connection.ts";

/** Where the engine's own messages go. */
interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a config node says about its engine. */
export type EngineSettings =
  | { mode: "home"; home: string; userDir: string; log: Log; secret(name: string): string | undefined }
  | { mode: "remote"; url: string; token: string };

/** Opens a home in this process, or connects to an engine elsewhere. The engine is loaded only when it is needed here. */
export async function openEngine(settings: EngineSettings): Promise<Opened> {
  if (settings.mode === "remote") {
    if (settings.url.trim() === "") throw new BadMessage("noUrl");
    const { connectRemote } = await import("@network-personas/engine/client");
    const client = connectRemote({ url: settings.url.trim(), token: settings.token || undefined });
    return { client, close: () => client.close(), replaceable: false };
  }
  if (settings.home.trim() === "") throw new BadMessage("noHome");
  const { dataDirOf, openHome, packageResolver } = await import("@network-personas/engine");
  const home = resolve(settings.userDir, settings.home.trim());
  // Router drivers are a dependency of this package, wherever the engine itself was installed.
  const resolver = packageResolver(dataDirOf(home), import.meta.dirname);
  const { client, own, close } = await openHome({ home, resolver, host: "node-red", log: settings.log, credentials: settings.secret });
  return { client, close, replaceable: !own };
}
