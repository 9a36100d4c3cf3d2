import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Ajv } from "ajv";
import { build } from "./build.ts";
import { install, installNode, installOnce, npm, runNode } from "./packages/npm.ts";
import { root, workspaces } from "./repository.ts";

// What Homebridge asks of "verified" plugins, as far as a machine can tell, of the package as it would be published.

const pluginName = "homebridge-network-personas";
/** The oldest Node.js we promise, and the one we develop with: Homebridge supports both. */
const nodeVersions = ["22.13.1", process.versions.node];
/** The oldest Homebridge we promise; the one we develop with is installed. */
const oldestHomebridge = "1.8.5";
const patience = 60_000;

interface PluginManifest {
  name: string;
  displayName?: string;
  keywords: string[];
  homepage?: string;
  bugs?: { url?: string };
  main: string;
  engines: Record<string, string>;
  scripts?: Record<string, string>;
  dependencies: Record<string, string>;
  directories: { schemas: string };
}
interface PluginSchema {
  pluginAlias?: string;
  pluginType?: string;
  customUi?: boolean;
  schema: { properties: Record<string, unknown> };
}

let problems = 0;

/** Does one step and says how it went; a failed step does not keep the others from running. */
async function step(name: string, run: () => unknown): Promise<boolean> {
  const started = performance.now();
  const seconds = () => `(${((performance.now() - started) / 1000).toFixed(1)} s)`;
  try {
    await run();
    console.log(`ok     ${name} ${seconds()}`);
    return true;
  } catch (error) {
    problems += 1;
    console.log(`FAILED ${name} ${seconds()}\n${(error as Error).message.replace(/^/gm, "       ")}`);
    return false;
  }
}

function demand(fulfilled: boolean, what: string): void {
  if (!fulfilled) throw new Error(what);
}

/** The plugin and what of ours it depends on. */
async function pack(folder: string): Promise<string[]> {
  const listed = await npm(process.execPath, ["pack", "--workspaces", "--json", "--ignore-scripts", "--pack-destination", folder], root);
  const packed = Object.values(JSON.parse(listed) as Record<string, { name: string; filename: string }>);
  const needed = workspaces()
    .map(({ manifest }) => manifest.name)
    .filter((name) => name !== "@network-personas/node-red");
  return needed.map((name) => {
    const found = packed.find((one) => one.name === name);
    if (!found) throw new Error(`npm pack made no tarball of ${name}`);
    return join(folder, found.filename);
  });
}

function checkManifest(manifest: PluginManifest): void {
  demand(/^(@[\w-]+\/)?homebridge-[\w-]+$/.test(manifest.name), `the name ${manifest.name} does not begin with homebridge-`);
  demand(Boolean(manifest.displayName), "displayName is missing");
  demand(/^https:\/\//.test(manifest.homepage ?? ""), "homepage is no https address");
  demand(/^https:\/\/.*\/issues$/.test(manifest.bugs?.url ?? ""), "bugs.url is no https address that ends in /issues");
  const others = manifest.keywords.filter((keyword) => keyword !== "homebridge-plugin");
  demand(manifest.keywords.includes("homebridge-plugin") && others.length > 0, "keywords need homebridge-plugin, and others");
  for (const script of ["preinstall", "install", "postinstall"]) demand(!manifest.scripts?.[script], `there is a ${script} script`);
  // The UI reads exactly this spelling.
  demand(
    /^\^1\.\d+\.\d+ \|\| \^2\.0\.0$/.test(manifest.engines.homebridge ?? ""),
    'engines.homebridge is not written like "^1.8.0 || ^2.0.0"',
  );
  for (const major of [22, 24]) demand(new RegExp(`\\^${major}\\.`).test(manifest.engines.node ?? ""), `engines.node lacks ^${major}`);
}

function checkSchema(schema: PluginSchema, plugin: string): void {
  demand(schema.pluginType === "platform" && Boolean(schema.pluginAlias), "pluginAlias or pluginType is missing");
  demand("name" in schema.schema.properties, "the schema has no name");
  demand(new Ajv({ strict: false }).validateSchema(schema.schema) === true, "the schema is no JSON schema");
  for (const file of ["homebridge-ui/public/index.html", "homebridge-ui/server.js"])
    demand(schema.customUi === true && existsSync(join(plugin, file)), `${file} is missing`);
}

/** Neither Homebridge itself nor anything that reports home, and nothing that runs when installed. */
function checkInstalled(folder: string): void {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean; deprecated?: string }>;
  };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  const names = packages.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  for (const unwanted of ["homebridge", "hap-nodejs", "@homebridge/hap-nodejs", "@scarf/scarf"])
    demand(!names.includes(unwanted), `${unwanted} is installed along with the plugin`);
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  demand(scripted.length === 0, `has install scripts: ${scripted.join(", ")}`);
  const deprecated = packages.filter(([, entry]) => entry.deprecated).map(([path]) => path);
  demand(deprecated.length === 0, `is deprecated: ${deprecated.join(", ")}`);
}

async function checkExport(node: string, folder: string): Promise<void> {
  const script = `const plugin = await import("${pluginName}"); console.log(typeof plugin.default);`;
  writeFileSync(join(folder, "import-plugin.mjs"), script);
  demand((await runNode(node, ["import-plugin.mjs"], folder)).trim() === "function", "the default export is no function");
  rmSync(join(folder, "import-plugin.mjs"));
}

/** The UI starts the settings page's server like this, and asks it like this. */
async function checkSettingsServer(node: string, plugin: string): Promise<void> {
  const server = fork(join(plugin, "homebridge-ui/server.js"), { execPath: node, execArgv: [], stdio: "ignore" });
  const answer = once(server, "message", { signal: AbortSignal.timeout(patience) });
  demand(((await answer)[0] as { action: string }).action === "ready", "the settings page's server is not ready");
  server.send({ action: "request", requestId: 1, path: "/look", body: {} });
  const [{ payload }] = (await once(server, "message", { signal: AbortSignal.timeout(patience) })) as [
    { payload: { data: { message: string } } },
  ];
  server.kill();
  demand(/Say where the engine is/.test(payload.data.message), `the settings page's server answers ${JSON.stringify(payload)}`);
}

const homeFile = (person: string) => `version: 1
home: { id: check, name: Check, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: ann, name: ${person} }]
devices: []
routers: [{ id: main, driver: virtual, mode: live }]
api: { host: 127.0.0.1, port: 0 }
`;

/** Starts Homebridge with the installed plugin, unconfigured and configured, and looks at what it says and where it writes. */
async function checkRun(node: string, homebridge: string, folder: string): Promise<void> {
  const storage = mkdtempSync(join(folder, "storage-"));
  writeFileSync(join(storage, "home.yaml"), homeFile("Ann"));
  const ours = [{ platform: "NetworkPersonas", name: "Network Personas", home: "home.yaml", people: [{ id: "ann", automatic: true }] }];
  const before = filesOf(folder, storage);
  // Before version 2 the program is called by another name.
  const script = ["bin/homebridge.js", "bin/homebridge"].map((file) => join(homebridge, file)).find(existsSync)!;
  const program = [node, script] as const;
  const without = await run(program, folder, storage, [], "is running on port");
  demand(without.includes(`Loaded plugin: ${pluginName}`), `Homebridge does not load it:\n${without}`);
  demand(!without.includes("[Network Personas]"), `it starts without being configured:\n${without}`);
  demand(!existsSync(join(storage, ".network-personas")), "it writes without being configured");
  const configured = await run(program, folder, storage, ours, "added: Automatic");
  writeFileSync(join(storage, "home.yaml"), homeFile("Anna"));
  const again = await run(program, folder, storage, ours, "renamed: Anna Automatic");
  demand(!again.includes("added: "), `accessories are not kept over a restart and a new name:\n${again}`);
  const cached = readFileSync(join(storage, "accessories/cachedAccessories"), "utf8");
  demand(cached.includes('"Anna Automatic"') && !cached.includes('"Ann Automatic"'), "a person who is renamed keeps the old name");
  for (const log of [without, configured, again]) {
    const complaints = log.split("\n").filter((line) => /HAP-NodeJS WARNING|unhandled|uncaught|Error:|deprecat/i.test(line));
    demand(complaints.length === 0, complaints.join("\n"));
  }
  const written = filesOf(folder, storage).filter((file) => !before.includes(file));
  demand(written.length === 0, `writes outside Homebridge's storage: ${written.join(", ")}`);
}

/** One run of Homebridge until it has said something, without a terminal and without special flags; resolves with its log. */
async function run(
  [node, script]: readonly [string, string],
  folder: string,
  storage: string,
  platforms: readonly object[],
  said: string,
): Promise<string> {
  const bridge = {
    name: "Check",
    username: "0E:11:22:33:44:55",
    port: await freePort(),
    pin: "031-45-154",
    bind: ["lo"],
    advertiser: "ciao",
  };
  writeFileSync(join(storage, "config.json"), JSON.stringify({ bridge, accessories: [], platforms }));
  const env = { PATH: `${dirname(node)}:/usr/bin:/bin`, HOME: folder };
  const args = [script, "-U", storage, "-P", join(folder, "node_modules", pluginName), "--strict-plugin-resolution"];
  const child: ChildProcess = spawn(node, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk) => {
      log += chunk;
    });
  const deadline = performance.now() + patience;
  while (!log.includes(said) && child.exitCode === null && performance.now() < deadline) await wait(50);
  const inTime = log.includes(said);
  if (child.exitCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  demand(inTime, `Homebridge did not say "${said}":\n${log}`);
  return log;
}

/** Every file below a folder but those below another. */
function filesOf(folder: string, except: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(except))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function checkHomebridge(base: string): Promise<void> {
  let tarballs: string[] = [];
  if (!(await step("build", build))) return;
  const packed = await step("npm pack", async () => {
    tarballs = await pack(base);
  });
  if (!packed) return;
  for (const version of nodeVersions) {
    let node = process.execPath;
    if (version !== process.versions.node) {
      const got = await step(`get Node.js ${version}`, async () => {
        node = await installNode(version);
      });
      if (!got) continue;
    }
    const folder = join(base, `node-${version}`);
    const where = `Node.js ${version}`;
    if (!(await step(`${where}: installs`, () => install(node, folder, tarballs)))) continue;
    const plugin = join(folder, "node_modules", pluginName);
    const read = <T>(file: string) => JSON.parse(readFileSync(join(plugin, file), "utf8")) as T;
    await step(`${where}: package.json`, () => checkManifest(read<PluginManifest>("package.json")));
    await step(`${where}: config.schema.json, its translation and settings page`, () => {
      const { schemas } = read<PluginManifest>("package.json").directories;
      for (const file of ["config.schema.json", `${schemas}/config.schema.de.json`]) checkSchema(read<PluginSchema>(file), plugin);
    });
    await step(`${where}: server of the settings page`, () => checkSettingsServer(node, plugin));
    await step(`${where}: what is installed with it`, () => checkInstalled(folder));
    await step(`${where}: default export`, () => checkExport(node, folder));
    const programs = [join(root, "node_modules/homebridge")];
    if (version === nodeVersions[0]) {
      await step(`get Homebridge ${oldestHomebridge}`, async () => programs.push(await installOnce("homebridge", oldestHomebridge)));
    }
    for (const program of programs) {
      const { version: number } = JSON.parse(readFileSync(join(program, "package.json"), "utf8")) as { version: string };
      await step(`${where}: Homebridge ${number} loads it, runs it when configured, and keeps its files`, () =>
        checkRun(node, program, folder),
      );
    }
  }
}

const base = mkdtempSync(join(tmpdir(), "np-check-homebridge-"));
try {
  await checkHomebridge(base);
} finally {
  rmSync(base, { recursive: true, force: true, maxRetries: 3 });
}
console.log(problems === 0 ? "The plugin meets what Homebridge asks." : `${problems} ${problems === 1 ? "step" : "steps"} failed.`);
process.exitCode = problems === 0 ? 0 : 1;
