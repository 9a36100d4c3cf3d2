import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRemote, type PersonasClient } from "@network-personas/engine/client";
import { start } from "../../cli/run.ts";
import { freePort, until } from "./wait.ts";

/** A real engine in a process of its own, as `network-personas serve` runs it. */
export interface ServedEngine {
  url: string;
  /** What a user would give the plugin. */
  token: string;
  /** May do everything. */
  owner: PersonasClient;
  start(): Promise<void>;
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

export const homeYaml = (port: number, routers = "[{ id: main, driver: virtual, mode: live }]") => `version: 1
home: { id: test, name: Test home, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people:
  - { id: ann, name: Ann, devices: [ann-laptop] }
  - { id: ben, name: "Ben 🎸", devices: [ben-console] }
devices:
  - { id: ann-laptop, kind: laptop, macs: ["02:00:00:00:02:11"] }
  - { id: ben-console, kind: console, macs: ["02:00:00:00:02:21"] }
  - { id: camera, kind: camera, macs: ["02:00:00:00:02:41"] }
routers: ${routers}
personas: [./personas]
policy: { minimumDwell: PT0S }
api: { host: 127.0.0.1, port: ${port} }
`;

export async function serveHome(): Promise<ServedEngine> {
  const folder = await mkdtemp(join(tmpdir(), "np-served-"));
  const port = await freePort();
  const home = join(folder, "home.yaml");
  await writeFile(home, homeYaml(port));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let owner: PersonasClient | undefined;
  const engine: ServedEngine = {
    url,
    token: "",
    get owner() {
      return owner!;
    },
    async start() {
      let out = "";
      const started = start(["serve", "--home", home]);
      child = started;
      for (const stream of [started.stdout!, started.stderr!])
        stream.on("data", (chunk) => {
          out += chunk;
        });
      await until(
        "the engine",
        () => {
          if (started.exitCode !== null) throw new Error(`the engine ended: ${out}`);
          return out.includes("engine: ") || undefined;
        },
        () => out,
      );
      await owner?.close();
      owner = connectRemote({ url, token: await readFile(join(folder, ".network-personas/local-token"), "utf8") });
      if (engine.token === "") {
        const made = (await owner.request("POST", "/v1/tokens", { name: "homebridge", scopes: ["control"] })) as { token: string };
        engine.token = made.token;
      }
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    async dispose() {
      await owner?.close();
      await engine.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await engine.start();
  return engine;
}
