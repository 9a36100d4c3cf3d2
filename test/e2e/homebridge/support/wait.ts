import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Longest wait for anything: a machine that runs all tests at once is slow. Milliseconds. */
export const patience = 30_000;

/** Looks until there is something, and gives it. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  tell: () => string = () => "",
): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${patience / 1000} s\n${tell()}`);
    await sleep(20);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
