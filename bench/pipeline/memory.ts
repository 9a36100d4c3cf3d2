import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = resolve(import.meta.dirname, "../..");
/** Time to come to rest, ms. */
const settle = 10_000;

/** Anonymous memory of a process, MB (RssAnon: what nobody else can use, so without the pages of the node program itself). */
interface Resident {
  /** Before any message went through a flow. */
  started: number;
  /** After flows have worked. */
  worked: number;
}
export interface MemoryFigures {
  empty: Resident;
  withEngine: Resident;
  /** What the engine and our nodes add to a Node-RED whose flows have worked. */
  added: number;
  /** The same right after the start, where an empty Node-RED has not yet used most of the nursery that V8 keeps for it. */
  addedAtStart: number;
}

/**
 * What the engine and our nodes add to a Node-RED, V8 left as it is: with the sample home's flow against an empty one. V8's nursery grows
 * with what survives in it and is not given back, so what counts is compared when flows have worked and both have all of it.
 */
export async function memoryBench(): Promise<MemoryFigures> {
  const empty = await residentOf("[]");
  const flow = await readFile(join(root, "node-red-nodes/examples/sample-home.json"), "utf8");
  const withEngine = await residentOf(flow);
  return { empty, withEngine, added: withEngine.worked - empty.worked, addedAtStart: withEngine.started - empty.started };
}

async function residentOf(flow: string): Promise<Resident> {
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
  await writeFile(join(dir, "work.cjs"), work);
  const child = spawn(
    process.execPath,
    [
      "--require",
      join(dir, "work.cjs"),
      join(root, "node_modules/node-red/red.js"),
      "--userDir",
      dir,
      "--settings",
      join(dir, "settings.cjs"),
    ],
    { stdio: ["ignore", "ignore", "ignore", "ipc"], env: { ...process.env, NODE_OPTIONS: "" } },
  );
  try {
    const url = `http://127.0.0.1:${port}/settings`;
    while (
      !(await fetch(url).then(
        (r) => r.ok,
        () => false,
      ))
    )
      await sleep(200);
    await sleep(settle);
    const started = await resident(child.pid!);
    child.send("work");
    await sleep(settle);
    return { started, worked: await resident(child.pid!) };
  } finally {
    const gone = new Promise((r) => child.once("exit", r));
    child.kill("SIGKILL");
    await gone;
    await rm(dir, { recursive: true, force: true });
  }
}

/** Median of ten looks. */
async function resident(pid: number): Promise<number> {
  const looks: number[] = [];
  for (let i = 0; i < 10; i++) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    looks.push(Number(/RssAnon:\s+(\d+) kB/.exec(status)![1]) / 1024);
    await sleep(200);
  }
  return looks.sort((a, b) => a - b)[5]!;
}

/** Makes messages as flows do over hours, 400 MB of them, of which the last three megabytes are still in use. */
const work = `
if (require("node:worker_threads").isMainThread)
  process.once("message", () => {
    const inUse = new Array(400);
    let [made, left] = [0, 100];
    const timer = setInterval(() => {
      for (let i = 0; i < 500; i++) inUse[made++ % inUse.length] = Array.from({ length: 1000 }, () => i);
      if (--left > 0) return;
      inUse.length = 0;
      clearInterval(timer);
    }, 20);
  });
`;

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
