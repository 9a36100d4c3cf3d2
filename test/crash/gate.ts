import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to a message between a driver and its router. */
export type Fate = "pass" | "kill" | "cut" | "garbage" | "slow";
export type Side = "request" | "answer";
/** Decides about every message. Whoever answers "kill" has ended the process that waits for it. */
export type Gate = (side: Side) => Fate;

export const delay = 300;
export const garbage = "<html><body>502 Bad Gateway</body></html>";

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Stands between a driver and an emulated router, and lets the gate decide about every request and every answer. */
export async function gatedProxy(target: string, gate: Gate): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(target);
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await bodyOf(incoming);
      const asked = gate("request");
      if (asked === "slow") await sleep(delay);
      else if (asked !== "pass") return void incoming.socket.destroy();
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const { method, url, headers } = incoming;
        httpRequest({ hostname, port, method, path: url, headers }, resolve).on("error", reject).end(body);
      });
      const answered = await bodyOf(answer);
      const fate = gate("answer");
      if (fate === "slow") await sleep(delay);
      else if (fate === "garbage") return void outgoing.writeHead(200, { "content-type": "text/html" }).end(garbage);
      else if (fate !== "pass") return void incoming.socket.destroy();
      outgoing.writeHead(answer.statusCode!, answer.headers).end(answered);
    } catch {
      incoming.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
