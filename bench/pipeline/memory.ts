import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const settle = 20_000;

/**
 * Megabytes the engine and our nodes add to a Node-RED: with the sample home's flow against an empty one. Counts memory nobody else
 * can use (RssAnon: without the pages of the node program itself), with V8's nursery held to 16 MB and in use in both: whether it grows to
 * four times that, and how much of it an empty Node-RED has touched, is chance.
 */
export async function memoryBench(): Promise<{ empty: number; withEngine: number; added: number }> {
  const empty = await residentOf("[]");
  const flow = await readFile(join(root, "node-red-nodes/examples/sample-home.json"), "utf8");
  const withEngine = await residentOf(flow);
  return { empty, withEngine, added: withEngine - empty };
}

async function residentOf(flow: string): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "np-bench-nr-"));
  await cp(join(root, "examples/sample-home"), join(dir, "sample-home"), { recursive: true });
  const home = join(dir, "sample-home/home.yaml");
  await writeFile(home, (await readFile(home, "utf8")).replace("port: 8787", "port: 0"));
  await writeFile(join(dir, "flows.json"), flow);
  const port = await freePort();
  const settings = {
    uiHost: "127.0.0.1",
    uiPort: port,
    flowFile: "flows.json",
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: "error" } },
  };
  await writeFile(join(dir, "settings.cjs"), `module.exports = ${JSON.stringify(settings)};`);
  await writeFile(join(dir, "work.cjs"), useNursery);
  const child = spawn(
    process.execPath,
    [
      "--max-semi-space-size=16",
      "--require",
      join(dir, "work.cjs"),
      join(root, "node_modules/node-red/red.js"),
      "--userDir",
      dir,
      "--settings",
      join(dir, "settings.cjs"),
    ],
    { stdio: "ignore", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  try {
    const url = `http://127.0.0.1:${port}/settings`;
    while (
      !(await fetch(url).then(
        (r) => r.ok,
        () => false,
      ))
    )
      await new Promise((r) => setTimeout(r, 200));
    const samples: number[] = [];
    await new Promise((r) => setTimeout(r, settle));
    for (let i = 0; i < 10; i++) {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      samples.push(Number(/RssAnon:\s+(\d+) kB/.exec(status)![1]) / 1024);
      await new Promise((r) => setTimeout(r, 200));
    }
    return samples.sort((a, b) => a - b)[5]!;
  } finally {
    const gone = new Promise((r) => child.once("exit", r));
    child.kill("SIGKILL");
    await gone;
    await rm(dir, { recursive: true, force: true });
  }
}

/** Makes short-lived objects, 200 MB in a second, as flows do over minutes. */
const useNursery = `
if (require("node:worker_threads").isMainThread)
  setTimeout(() => {
    let left = 50;
    const timer = setInterval(() => {
      for (let i = 0; i < 500; i++) Array.from({ length: 1000 }, () => i);
      if (--left === 0) clearInterval(timer);
    }, 20);
  }, ${settle / 2});
`;

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
