import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installNodes, root } from "./package.ts";

export interface NodeRedOptions {
  /** Path of the editor, to prove that nothing of ours assumes "/". */
  adminRoot?: string;
  /** Who may log in to the editor; everybody when absent. */
  adminAuth?: object;
  /** Everything in the user directory besides our nodes, before the start. */
  prepare?(userDir: string): Promise<void>;
}

/** A real Node-RED in a process of its own, with our nodes installed. */
export interface NodeRed {
  url: string;
  userDir: string;
  /** Everything it logged. */
  log(): string;
  get(path: string): Promise<Response>;
  /** A full deploy: every node is stopped and started. Resolves when they run. */
  deploy(flows: readonly object[]): Promise<void>;
  /** Presses the button of an inject node. */
  inject(id: string): Promise<void>;
  /** Ends the process and starts it again after `down`. */
  restart(down?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const secret = "a key for this test";
/** NP_NODE_RED names the folder of another Node-RED to try. */
const program = join(process.env.NP_NODE_RED ?? join(root, "node_modules/node-red"), "red.js");

export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRed> {
  const userDir = await mkdtemp(join(tmpdir(), "np-node-red-"));
  await installNodes(userDir);
  await options.prepare?.(userDir);
  const port = await freePort();
  const adminRoot = options.adminRoot ?? "/";
  await writeFile(join(userDir, "settings.cjs"), settings(port, adminRoot, options.adminAuth));
  const url = `http://127.0.0.1:${port}${adminRoot.replace(/\/$/, "")}`;
  let log = "";
  let child: ChildProcess;
  const started = () => log.split("Started flows").length;
  const start = async () => {
    child = spawn(process.execPath, ["--conditions=np-source", program, "-u", userDir, "-s", join(userDir, "settings.cjs")], {
      cwd: userDir,
      stdio: ["ignore", "pipe", "pipe"],
    });
    await new Promise<void>((resolve, reject) => {
      let sinceStart = "";
      const hear = (chunk: Buffer) => {
        log += chunk;
        sinceStart += chunk;
        if (sinceStart.includes("Started flows") && sinceStart.includes("Server now running")) resolve();
      };
      child.stdout!.on("data", hear);
      child.stderr!.on("data", hear);
      child.once("exit", (code) => reject(new Error(`Node-RED ended with ${code}:\n${log}`)));
    });
  };
  const end = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  await start();
  return {
    url,
    userDir,
    log: () => log,
    get: (path) => fetch(`${url}/${path}`),
    async deploy(flows) {
      const starts = started();
      const response = await fetch(`${url}/flows`, {
        method: "POST",
        headers: { "content-type": "application/json", "node-red-deployment-type": "full", "node-red-api-version": "v1" },
        body: JSON.stringify(flows),
      });
      if (response.status !== 204) throw new Error(`deploy answered ${response.status}: ${await response.text()}`);
      while (started() === starts) await sleep(10);
    },
    async inject(id) {
      const response = await fetch(`${url}/inject/${id}`, { method: "POST" });
      if (!response.ok) throw new Error(`inject answered ${response.status}`);
    },
    async restart(down) {
      await end();
      await down?.();
      await start();
    },
    async stop() {
      await end();
      await rm(userDir, { recursive: true, force: true });
    },
  };
}

/** The flow an example file holds, with the home of its engine where the test has it. */
export async function example(name: string): Promise<Record<string, unknown>[]> {
  return JSON.parse(await readFile(join(root, `node-red-nodes/examples/${name}.json`), "utf8"));
}

const settings = (port: number, adminRoot: string, adminAuth: object | undefined) =>
  `module.exports = ${JSON.stringify(
    {
      uiHost: "127.0.0.1",
      uiPort: port,
      httpAdminRoot: adminRoot,
      adminAuth,
      flowFile: "flows.json",
      credentialSecret: secret,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, palette: { catalogues: [] } },
      externalModules: { palette: { allowInstall: false } },
      diagnostics: { enabled: false },
      logging: { console: { level: "info", metrics: false, audit: false } },
    },
    null,
    2,
  )};\n`;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
