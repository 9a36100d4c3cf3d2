import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { consoleLog, openHome } from "@network-personas/engine";
import { build } from "./build.ts";

// Starts a home's engine with its API, and a Node-RED with our nodes and an example flow. What they write stays in .np/.

const root = resolve(import.meta.dirname, "..");
const place = join(root, ".np");
const host = "127.0.0.1";

const { values } = parseArgs({
  options: {
    home: { type: "string", multiple: true },
    "node-red-port": { type: "string", default: "1880" },
    verbose: { type: "boolean", default: false },
  },
});
const nodeRedPort = Number(values["node-red-port"]);

/** An example is worked on as a copy, so that trying things out changes no file of the checkout. */
async function homeToRun(named: string): Promise<string> {
  const home = resolve(named);
  const inExamples = !relative(join(root, "examples"), home).startsWith("..");
  if (!inExamples) return home;
  const copy = join(place, basename(dirname(home)));
  if (!existsSync(join(copy, basename(home)))) await cp(dirname(home), copy, { recursive: true });
  return join(copy, basename(home));
}

/** @throws when something else listens there */
async function requireFree(port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    const probe = createServer().once("error", () =>
      fail(new Error(`port ${port} is in use; stop what listens there, or choose another: npm start -- --node-red-port 1881`)),
    );
    probe.listen(port, host, () => probe.close(() => done()));
  });
}

/** The example flow, pointed at a home. */
async function exampleFlow(home: string): Promise<string> {
  const nodes = JSON.parse(await readFile(join(root, "node-red-nodes/examples/sample-home.json"), "utf8")) as Record<string, unknown>[];
  return JSON.stringify(
    nodes.map((node) => (node.type === "persona-engine" ? { ...node, home } : node)),
    null,
    2,
  );
}

/** What Node-RED encrypts the flows' credentials with; without one of ours it warns at every start. */
async function credentialSecret(userDir: string): Promise<string> {
  const file = join(userDir, "credential-secret");
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFile(file, "utf8");
}

async function startNodeRed(home: string): Promise<ChildProcess> {
  // Each home has its own flows, which are the user's from the first start on.
  const userDir = join(place, "node-red", basename(dirname(home)));
  await mkdir(userDir, { recursive: true });
  const flow = join(userDir, "flows.json");
  if (!existsSync(flow)) await writeFile(flow, await exampleFlow(home));
  const settings = {
    uiHost: host,
    uiPort: nodeRedPort,
    flowFile: "flows.json",
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false },
    credentialSecret: await credentialSecret(userDir),
    logging: { console: { level: values.verbose ? "debug" : "warn" } },
  };
  // Node-RED must not outlive us, however we end: nobody would know whose port 1880 it holds.
  const leash = 'if (process.connected) process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));';
  await writeFile(join(userDir, "settings.cjs"), `${leash}\nmodule.exports = ${JSON.stringify(settings, null, 2)};\n`, { mode: 0o600 });
  const child = spawn(
    process.execPath,
    [join(root, "node_modules/node-red/red.js"), "--userDir", userDir, "--settings", join(userDir, "settings.cjs")],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  const url = `http://${host}:${nodeRedPort}`;
  for (let waited = 0; ; waited += 200) {
    if (child.exitCode !== null) throw new Error("Node-RED ended while starting; its message is above");
    if (
      await fetch(`${url}/settings`).then(
        (r) => r.ok,
        () => false,
      )
    )
      return child;
    if (waited > 60_000) throw new Error("Node-RED did not start within a minute");
    await new Promise((r) => setTimeout(r, 200));
  }
}

async function main(): Promise<void> {
  await requireFree(nodeRedPort);
  process.stdout.write("building … ");
  await build();
  console.log("done");
  const home = await homeToRun(values.home!.at(-1)!);
  const engine = await openHome({ home, log: consoleLog({ debug: values.verbose }), host: "npm-start", requireApi: true, linger: 0 });
  let nodeRed: ChildProcess | undefined;
  const stop = async (code: number) => {
    nodeRed?.kill();
    await engine.close();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop(0));
  try {
    nodeRed = await startNodeRed(home);
  } catch (error) {
    console.error((error as Error).message);
    return stop(1);
  }
  nodeRed.once("exit", (code) => void stop(code ?? 0));
  const name = (await engine.client.state()).home.name;
  console.log(`
${name} is running.

  Node-RED   http://${host}:${nodeRedPort}    the flow shows what is expected, blended and applied; press its buttons
  engine     ${engine.url}    open it to look at the home; its API is described by ${engine.url}/openapi.json

  look       npm exec network-personas -- plan --home ${relative(process.cwd(), home)}
             npm exec network-personas -- predict --home ${relative(process.cwd(), home)}

  your own   copy ${relative(process.cwd(), home)}, write in your people, devices, calendars and router (mode: preview writes nothing), then
             npm exec network-personas -- doctor --home home.yaml
             npm start -- --home home.yaml

Ctrl-C stops both.`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
