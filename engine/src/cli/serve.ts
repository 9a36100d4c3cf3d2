import { consoleLog } from "../runtime/system.ts";
import type { Command } from "./command.ts";

export const serve: Command = {
  name: "serve",
  summary: "runs the engine and its API for a home until stopped",
  async run({ home, dataDir, options, terminal }) {
    const { openHome } = await import("../runtime/index.ts");
    const log = consoleLog({ debug: options.verbose === true });
    const handle = await openHome({ home, dataDir, log, host: "serve", requireApi: true, linger: 0 });
    if (!handle.own) {
      terminal.complain(`this home's engine runs already at ${handle.url}; stop it first, or use it`);
      await handle.close();
      return 1;
    }
    terminal.print(`engine: ${handle.url}  (open it in a browser; openapi: ${handle.url}/openapi.json)`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
    await handle.close();
    return 0;
  },
};
