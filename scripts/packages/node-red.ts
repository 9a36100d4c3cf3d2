import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** One entry of Node-RED's `GET /nodes`. */
export interface NodeSet {
  module: string;
  name: string;
  types: string[];
  enabled: boolean;
  err?: string;
}

/** A node of a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

const patience = 60_000;

/** A running Node-RED with a user directory of its own. */
export class NodeRed {
  readonly #child: ChildProcess;
  readonly #url: string;
  #log = "";
  #deployed = false;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
    const keep = (part: Buffer) => {
      this.#log += part.toString("utf8");
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
  }

  /** Starts `program` (the folder of the node-red package) under `node` and waits until it answers. */
  static async start(node: string, program: string, userDir: string): Promise<NodeRed> {
    const port = await freePort();
    const settings = join(userDir, "settings.cjs");
    writeFileSync(settings, `module.exports = ${JSON.stringify(quietSettings(port, userDir), null, 2)};\n`);
    const env = { PATH: `${dirname(node)}:/usr/bin:/bin`, HOME: userDir };
    const child = spawn(node, [join(program, "red.js"), "--settings", settings, "--userDir", userDir], { cwd: userDir, env });
    const started = new NodeRed(child, `http://127.0.0.1:${port}`);
    try {
      await started.waitFor(() => started.#log.includes("Started flows"), "start its flows");
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  nodeSets(): Promise<NodeSet[]> {
    return this.#request("GET", "/nodes") as Promise<NodeSet[]>;
  }

  /** What the editor loads: the dialogs of every node. */
  async editorHalf(): Promise<string> {
    const response = await fetch(`${this.#url}/nodes`, { headers: { accept: "text/html" } });
    return response.text();
  }

  /** Replaces all flows and waits until they run. From now on a warning or an error in the log is a failure. */
  async deploy(flow: readonly FlowNode[]): Promise<void> {
    this.#log = "";
    this.#deployed = true;
    await this.#request("POST", "/flows", flow, { "node-red-deployment-type": "full" });
    await this.waitFor(() => this.#log.includes("Started flows"), "start the deployed flows");
  }

  /** Presses the button of an inject node. */
  async inject(id: string): Promise<void> {
    await this.#request("POST", `/inject/${id}`, {});
  }

  /** Whether a debug node has said something. */
  hasShown(debugNode: string): boolean {
    return this.#log.includes(`[debug:${debugNode}]`);
  }

  async waitFor(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + patience;
    for (;;) {
      const complaints = this.#deployed ? this.#log.split("\n").filter((line) => /\[(warn|error|fatal)\]/.test(line)) : [];
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
      if (condition()) return;
      if (this.#child.exitCode !== null) throw new Error(`Node-RED ended with code ${this.#child.exitCode}:\n${this.#lastLines()}`);
      if (performance.now() > deadline) throw new Error(`Node-RED did not ${what} within ${patience / 1000} s:\n${this.#lastLines()}`);
      await wait(50);
    }
  }

  #lastLines(): string {
    return this.#log.trim().split("\n").slice(-20).join("\n");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const patient = AbortSignal.timeout(15_000);
    patient.addEventListener("abort", () => this.#child.kill("SIGKILL"));
    await ended;
  }

  async #request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { accept: "application/json", "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  }
}

/** Settings that reach nothing but this machine. */
function quietSettings(port: number, userDir: string): object {
  return {
    uiHost: "127.0.0.1",
    uiPort: port,
    userDir,
    flowFile: "flows.json",
    credentialSecret: "only for this check",
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { palette: { allowInstall: false } },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    logging: { console: { level: "info", metrics: false, audit: false } },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
