import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bridge, homebridgeConfig, username } from "./homebridge.ts";
import { installPlugin, root } from "./package.ts";
import { freePort, until } from "./wait.ts";

/** The real Homebridge UI as a service runs it, with a real Homebridge below. */
export interface HomebridgeUi {
  url: string;
  log(): string;
  /** Our platform's block in config.json. */
  settings(): Promise<Record<string, unknown> | undefined>;
  /** Restarts Homebridge below it, as its power symbol does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `platform`: our block in config.json; none before the plugin is set up. `lang`: what the UI speaks; without, as the browser does. */
export async function startUi(platform: object | undefined, { lang = "auto" } = {}): Promise<HomebridgeUi> {
  const base = await mkdtemp(join(tmpdir(), "np-homebridge-ui-"));
  const storage = join(base, "storage");
  await mkdir(storage);
  const modules = join(base, "node_modules");
  await installPlugin(modules);
  for (const name of ["homebridge", "homebridge-config-ui-x"]) await symlink(join(root, "node_modules", name), join(modules, name));
  const bridge: Bridge = { username: username(), port: await freePort() };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ui = { platform: "config", name: "Config", port, host: "127.0.0.1", auth: "none", lang };
  await writeFile(join(storage, "config.json"), JSON.stringify(homebridgeConfig(bridge, undefined, platform, [ui])));
  let log = "";
  const service = join(root, "node_modules/homebridge-config-ui-x/dist/bin/hb-service.js");
  const options = ["-U", storage, "-P", modules, "--strict-plugin-resolution", "--allow-root", "--stdout"];
  const child: ChildProcess = spawn(process.execPath, [service, "run", ...options], {
    cwd: base,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "--conditions=np-source", HOME: base, FORCE_COLOR: "0" },
  });
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk) => {
      log += chunk;
    });
  await until(
    "the UI",
    () =>
      fetch(`${url}/api/auth/settings`).then(
        (response) => response.ok || undefined,
        () => undefined,
      ),
    () => log,
  );
  await createFirstUser(url);
  await until(
    "Homebridge",
    () => log.includes("is running on port") || undefined,
    () => log,
  );
  return {
    url,
    log: () => log,
    async settings() {
      const { platforms } = JSON.parse(await readFile(join(storage, "config.json"), "utf8")) as { platforms: { platform: string }[] };
      return platforms.find((one) => one.platform === "NetworkPersonas");
    },
    async restart() {
      const { access_token: token } = (await (await fetch(`${url}/api/auth/noauth`, { method: "POST" })).json()) as {
        access_token: string;
      };
      await fetch(`${url}/api/server/restart`, { method: "PUT", headers: { authorization: `bearer ${token}` } });
    },
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
      await rm(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Without one the UI shows nothing but its wizard, even where nobody has to log in. */
async function createFirstUser(url: string): Promise<void> {
  const { access_token: token } = (await (await fetch(`${url}/api/setup-wizard/get-setup-wizard-token`)).json()) as {
    access_token: string;
  };
  const response = await fetch(`${url}/api/setup-wizard/create-first-user`, {
    method: "POST",
    headers: { authorization: `bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Test", username: "test", password: "only for this test" }),
  });
  if (!response.ok) throw new Error(`the first user could not be made: ${response.status} ${await response.text()}`);
}
