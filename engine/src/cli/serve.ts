import { consoleLog } from "../runtime/system.ts";
import { type Command, UsageError } from "./command.ts";

function listenAt(text: string | boolean | undefined): { host: string; port: number } | undefined {
  if (typeof text !== "string") return undefined;
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--listen: expected a host and a port such as "127.0.0.1:8787" or "0.0.0.0:8787", not "${text}"`);
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

export const serve: Command = {
  name: "serve",
  summary: "runs the engine and its API for a home until stopped",
  options: {
    listen: { type: "string", placeholder: "HOST:PORT", describe: "where the pages and the API are, instead of what home.yaml says" },
  },
  async run({ home, dataDir, options, terminal }) {
    const listen = listenAt(options.listen);
    const { openHome } = await import("../runtime/index.ts");
    const log = consoleLog({ debug: options.verbose === true });
    // Listened for from the start: as the first process of a container we have no default that would end us.
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
    const handle = await openHome({ home, dataDir, log, host: "serve", requireApi: true, linger: 0, startNew: true, listen });
    if (!handle.own) {
      terminal.complain(`this home's engine runs already at ${handle.url}; stop it first, or use it`);
      await handle.close();
      return 1;
    }
    if (handle.setupUrl)
      terminal.print(`there is no ${home} yet; set your home up in a browser (the link is good for an hour):\n  ${handle.setupUrl}`);
    terminal.print(`engine: ${handle.url}  (open it in a browser; openapi: ${handle.url}/openapi.json)`);
    await stopped;
    await handle.close();
    return 0;
  },
};
