import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installPlugin, root } from "./package.ts";
import { freePort, until } from "./wait.ts";

export const pin = "031-45-154";

/** A HomeKit bridge one can pair with. */
export interface Bridge {
  username: string;
  port: number;
}

export interface HomebridgeOptions {
  /** Our platform's block in config.json, without its name; none leaves the plugin unconfigured. */
  platform?: object;
  /** Everything in the storage folder besides config.json, before the first start. */
  prepare?(storage: string): Promise<void>;
}

/** A real Homebridge in a process of its own, with our plugin installed. */
export interface Homebridge {
  storage: string;
  bridge: Bridge;
  /** The bridge of our platform alone, when it is a child bridge. */
  childBridge: Bridge;
  /** Everything it logged since it was made. */
  log(): string;
  /** Writes config.json; takes effect with the next start. */
  configure(platform: object | undefined, options?: { child?: boolean }): Promise<void>;
  start(): Promise<void>;
  /** Ends it as a service manager does. */
  stop(): Promise<void>;
  /** Takes the plugin away as Homebridge UI does, while Homebridge may go on. */
  uninstall(): Promise<void>;
  dispose(): Promise<void>;
}

export const username = () => ["0E", ...randomBytes(5).toString("hex").toUpperCase().match(/../g)!].join(":");

export async function makeHomebridge(options: HomebridgeOptions = {}): Promise<Homebridge> {
  const base = await mkdtemp(join(tmpdir(), "np-homebridge-"));
  const storage = join(base, "storage");
  await mkdir(storage);
  const plugin = await installPlugin(join(base, "node_modules"));
  await options.prepare?.(storage);
  const bridge = { username: username(), port: await freePort() };
  const childBridge = { username: username(), port: await freePort() };
  let bridges = 1;
  const configure: Homebridge["configure"] = (platform, { child: asChild = false } = {}) => {
    bridges = asChild ? 2 : 1;
    return writeFile(join(storage, "config.json"), JSON.stringify(homebridgeConfig(bridge, asChild ? childBridge : undefined, platform)));
  };
  await configure(options.platform);
  let log = "";
  let child: ChildProcess | undefined;
  const homebridge: Homebridge = {
    storage,
    bridge,
    childBridge,
    log: () => log,
    configure,
    async start() {
      const from = log.length;
      const program = join(root, "node_modules/homebridge/bin/homebridge.js");
      const started = spawn(process.execPath, [program, "-U", storage, "-P", plugin, "--strict-plugin-resolution", "-Q", "-T"], {
        cwd: base,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NODE_OPTIONS: "--conditions=np-source", HOME: base, FORCE_COLOR: "0" },
      });
      child = started;
      for (const stream of [started.stdout, started.stderr])
        stream.on("data", (chunk) => {
          log += chunk;
        });
      await until(
        "Homebridge",
        () => {
          if (started.exitCode !== null) throw new Error(`Homebridge ended with ${started.exitCode}:\n${log.slice(from)}`);
          return log.slice(from).split("is running on port").length > bridges || undefined;
        },
        () => log.slice(from),
      );
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
    async uninstall() {
      await promisify(execFile)("npm", ["uninstall", "--offline", "--no-audit", "--no-fund", "homebridge-network-personas"], { cwd: base });
    },
    async dispose() {
      await homebridge.stop();
      await rm(base, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return homebridge;
}

export function homebridgeConfig(
  bridge: Bridge,
  child: Bridge | undefined,
  platform: object | undefined,
  others: readonly object[] = [],
): object {
  const ours = { platform: "NetworkPersonas", name: "Network Personas", ...platform };
  return {
    // On the loopback interface only; an address instead of its name would not hold Matter.
    bridge: { name: "Test bridge", ...bridge, pin, bind: ["lo"], advertiser: "ciao" },
    accessories: [],
    platforms: [...(platform ? [child ? { ...ours, _bridge: { name: "Test child", ...child, pin } } : ours] : []), ...others],
  };
}

/** What Homebridge keeps of our accessories. */
export async function cachedAccessories(homebridge: Homebridge): Promise<CachedAccessory[]> {
  return JSON.parse(await readFile(join(homebridge.storage, "accessories/cachedAccessories"), "utf8"));
}
export interface CachedAccessory {
  displayName: string;
  context: { memory: { standing: Record<string, unknown> } };
}
