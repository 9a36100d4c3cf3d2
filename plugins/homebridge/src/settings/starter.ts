import { createServer } from "node:net";
import { timeZone } from "@network-personas/engine/model";
import { z } from "zod";

/** What the settings page tells of somebody who has no home file yet; everything else is asked by the engine's pages. */
export const StarterAnswers = z.object({
  /** In the reader's language. */
  name: z.string().trim().min(1).catch("Home"),
  /** Whether other devices of the home may open the engine's pages; each needs a token. */
  letIn: z.boolean().catch(false),
  /** Of the browser; the machine that runs Homebridge often keeps UTC. */
  timeZone: timeZone.catch(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
});

/** Where a new home's API is served: only what differs from the usual. */
export async function servedAt(letIn: boolean): Promise<{ host?: string; port?: number }> {
  const port = await freePort();
  return { ...(letIn && { host: "0.0.0.0" }), ...(port !== usualPort && { port }) };
}

const usualPort = 8787;

/** The engine's usual port, or the next one that no other program has. */
async function freePort(): Promise<number> {
  for (let port = usualPort; port < usualPort + 20; port++) if (await isFree(port)) return port;
  return usualPort;
}
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0" }, () => server.close(() => resolve(true)));
  });
