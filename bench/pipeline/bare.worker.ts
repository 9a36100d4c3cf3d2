import { parentPort, workerData } from "node:worker_threads";
import type { Request } from "./router-path.ts";

// Sends the requests it is given to the router, bare and one after another, and answers how long they took, ms.
parentPort!.on("message", async (requests: Request[]) => {
  const begin = performance.now();
  for (const { method, path, body } of requests)
    await fetch(`${workerData as string}${path}`, {
      method,
      headers: { "content-type": "application/json", connection: "close" },
      body,
    }).then((answer) => answer.arrayBuffer());
  parentPort!.postMessage(performance.now() - begin);
});
