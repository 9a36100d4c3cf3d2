import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

interface Seen {
  at: number;
  method: string;
  path: string;
  body: Buffer;
}

/** Stands before the router and notes when each request begins. */
export async function openTap(router: string) {
  const seen: Seen[] = [];
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, outgoing) => {
    const entry: Seen = { at: performance.now(), method: incoming.method!, path: incoming.url!, body: Buffer.alloc(0) };
    seen.push(entry);
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      entry.body = Buffer.concat(chunks);
      const headers = { ...incoming.headers, host: new URL(router).host };
      const onward = request(new URL(entry.path, router), { method: entry.method, headers, agent }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      onward.end(entry.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    seen,
    url,
    /** The same requests bare, one after another: what the router itself takes. Milliseconds. */
    async repeat(requests: readonly Seen[]): Promise<number> {
      const begin = performance.now();
      for (const { method, path, body } of requests) {
        const headers = { "content-type": "application/json", connection: "close" };
        await (await fetch(`${url}${path}`, { method, headers, body: new Uint8Array(body) })).arrayBuffer();
      }
      return performance.now() - begin;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
