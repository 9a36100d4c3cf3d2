import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { startOpenWrt } from "../../test/emulators/openwrt/index.ts";
import type { Request, RouterHello } from "./router-path.ts";

/** Stands between the driver and the router and notes when each request begins. */
async function tap(target: string, seen: Request[]) {
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, outgoing) => {
    const entry: Request = { at: process.hrtime.bigint(), method: incoming.method!, path: incoming.url!, body: "" };
    seen.push(entry);
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      entry.body = body.toString();
      const headers = { ...incoming.headers, host: new URL(target).host };
      const onward = request(new URL(entry.path, target), { method: entry.method, headers, agent }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// The router of the bench: a thread of its own, so that its garbage is not collected at the engine's expense. Asked for anything, it tells
// what it has seen since it was asked last.
const seen: Request[] = [];
const emulator = await startOpenWrt({ timeScale: workerData as number });
const url = await tap(emulator.url, seen);
parentPort!.on("message", () => parentPort!.postMessage(seen.splice(0)));
parentPort!.postMessage({ url, username: emulator.username, password: emulator.password } satisfies RouterHello);
