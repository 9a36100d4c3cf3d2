import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { build } from "./build.ts";
import { exportedModules, importScript, typesScript } from "./packages/imports.ts";
import { type FlowNode, NodeRed } from "./packages/node-red.ts";
import { install, installNode, installOnce, npm, runNode } from "./packages/npm.ts";
import { root, runTool, type Workspace, workspaces } from "./repository.ts";

/** The oldest Node.js we promise, and the one we develop with. */
const nodeVersions = ["22.13.1", process.versions.node];
const nodeRedVersions = ["4.1.15", "5.0.7"];

interface Tarball {
  workspace: Workspace;
  file: string;
  contents: readonly string[];
}

let problems = 0;

/** Does one step and says how it went; a failed step does not keep the others from running. */
async function step<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  const started = performance.now();
  const seconds = () => `(${((performance.now() - started) / 1000).toFixed(1)} s)`;
  try {
    const result = await run();
    console.log(`ok     ${name} ${seconds()}`);
    return result;
  } catch (error) {
    problems += 1;
    console.log(`FAILED ${name} ${seconds()}\n${(error as Error).message.replace(/^/gm, "       ")}`);
    return undefined;
  }
}

async function pack(folder: string): Promise<Tarball[]> {
  const listed = await npm(process.execPath, ["pack", "--workspaces", "--json", "--ignore-scripts", "--pack-destination", folder], root);
  const packed = Object.values(JSON.parse(listed) as Record<string, { name: string; filename: string; files: { path: string }[] }>);
  return workspaces().map((workspace) => {
    const found = packed.find(({ name }) => name === workspace.manifest.name);
    if (!found) throw new Error(`npm pack made no tarball of ${workspace.manifest.name}`);
    return { workspace, file: join(folder, found.filename), contents: found.files.map(({ path }) => path) };
  });
}

/** What would be published is complete, and nothing but the product. */
async function checkContents(tarballs: readonly Tarball[]): Promise<void> {
  const wrong = tarballs.flatMap(({ workspace, contents }) => wrongContents(contents).map((what) => `${workspace.manifest.name} ${what}`));
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

function wrongContents(files: readonly string[]): string[] {
  const absent = ["README.md", "LICENSE", "package.json"].filter((file) => !files.includes(file)).map((file) => `lacks ${file}`);
  const surplus = files
    .filter((file) => /\.test\.|(^|\/)(src|fixtures)\/|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(file))
    .map((file) => `contains ${file}`);
  return [...absent, ...surplus];
}

/** Every export loads, the command line answers. */
async function checkModules(node: string, folder: string, tarballs: readonly Tarball[]): Promise<void> {
  writeFileSync(join(folder, "import-all.mjs"), importScript(modulesOf(folder, tarballs)));
  await runNode(node, ["import-all.mjs"], folder);
  const help = await runNode(node, ["node_modules/.bin/network-personas", "--help"], folder);
  if (!help.includes("serve")) throw new Error(`network-personas --help does not list its commands:\n${help}`);
}

/** What is published type-checks for who uses it, without our sources and settings. */
async function checkTypes(folder: string, tarballs: readonly Tarball[]): Promise<void> {
  writeFileSync(join(folder, "uses.mts"), typesScript(modulesOf(folder, tarballs)));
  const typeRoots = join(root, "node_modules/@types");
  const settings = { strict: true, noEmit: true, module: "nodenext", target: "es2024", types: ["node"], typeRoots: [typeRoots] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: settings, files: ["uses.mts"] }));
  const { output } = await runTool("tsc", ["-p", folder, "--pretty", "false"], { cwd: folder });
  const ours = output
    .split("\n")
    .filter((line) => line.startsWith("uses.mts") || tarballs.some(({ workspace }) => line.includes(workspace.manifest.name)));
  if (ours.length > 0) throw new Error(ours.join("\n"));
}

function modulesOf(folder: string, tarballs: readonly Tarball[]): string[] {
  return tarballs.flatMap(({ workspace }) => exportedModules(workspace, join(folder, "node_modules", workspace.manifest.name)));
}

/** A user directory with our packages, as the palette manager would leave it: nodes appear, the examples run. */
async function checkNodeRed(node: string, program: string, userDir: string): Promise<void> {
  const installed = join(userDir, "node_modules/@network-personas/node-red");
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    name: string;
    "node-red": { nodes: Record<string, string> };
  };
  const flow = exampleFlow(join(installed, "examples"));
  for (const { home } of flow) if (typeof home === "string" && home !== "") copySampleHome(dirname(join(userDir, home)));
  const nodeRed = await NodeRed.start(node, program, userDir);
  try {
    const sets = (await nodeRed.nodeSets()).filter(({ module }) => module === manifest.name);
    const broken = sets.filter(({ enabled, err }) => !enabled || err);
    const absent = Object.keys(manifest["node-red"].nodes).filter((name) => !sets.some((set) => set.name === name));
    if (broken.length > 0 || absent.length > 0) throw new Error(`nodes do not load: ${JSON.stringify([...broken, ...absent])}`);
    const editor = await nodeRed.editorHalf();
    const voiceless = sets.flatMap(({ types }) => types).filter((type) => !editor.includes(`data-template-name="${type}"`));
    if (voiceless.length > 0) throw new Error(`nodes without a dialog in the editor: ${voiceless.join(", ")}`);
    await runFlow(nodeRed, flow);
  } finally {
    await nodeRed.stop();
  }
}

/** Deploys, presses every button, and waits until each tab that has one has shown something. */
async function runFlow(nodeRed: NodeRed, flow: readonly FlowNode[]): Promise<void> {
  await nodeRed.deploy(flow);
  const buttons = flow.filter(({ type }) => type === "inject");
  for (const tab of new Set(buttons.map(({ z }) => z))) {
    const outlets = flow.filter(({ type, z }) => type === "debug" && z === tab);
    for (const { id } of buttons.filter(({ z }) => z === tab)) await nodeRed.inject(id);
    const label = flow.find(({ id }) => id === tab)?.label;
    await nodeRed.waitFor(() => outlets.some(({ id }) => nodeRed.hasShown(id)), `show anything in the example "${label}"`);
  }
}

/** All examples in one flow, with debug nodes that write to the log. */
function exampleFlow(folder: string): FlowNode[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const nodes = files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as FlowNode[]);
  const unique = [...new Map(nodes.map((node) => [node.id, node])).values()];
  return unique.map((node) => (node.type === "debug" ? { ...node, name: node.id, console: true, active: true } : node));
}

/** The home the examples are about, with an API that gets out of everybody's way. */
function copySampleHome(folder: string): void {
  cpSync(join(root, "examples/sample-home"), folder, { recursive: true });
  const file = join(folder, "home.yaml");
  const home = parseDocument(readFileSync(file, "utf8"));
  home.setIn(["api", "port"], 0);
  writeFileSync(file, home.toString());
}

/** Packs the packages, installs them where nothing of this repository is near, and uses them. */
async function checkPackages(folder: string): Promise<void> {
  await step("build", build);
  const tarballs = await step("npm pack", () => pack(folder));
  if (!tarballs) return;
  await step("contents of the packages", () => checkContents(tarballs));
  for (const version of nodeVersions) {
    const node = version === process.versions.node ? process.execPath : await step(`get Node.js ${version}`, () => installNode(version));
    if (!node) continue;
    const files = tarballs.map(({ file }) => file);
    for (const nodeRedVersion of nodeRedVersions) {
      const userDir = join(folder, `node-${version}-node-red-${nodeRedVersion}`);
      const program = await step(`get Node-RED ${nodeRedVersion}`, () => installOnce("node-red", nodeRedVersion));
      const where = `Node.js ${version}, Node-RED ${nodeRedVersion}`;
      const installed = await step(`${where}: install`, async () => {
        await install(node, userDir, files);
        return true;
      });
      if (!installed || !program) continue;
      await step(`${where}: nodes and examples`, () => checkNodeRed(node, program, userDir));
      if (nodeRedVersion !== nodeRedVersions[0]) continue;
      await step(`Node.js ${version}: imports and command line`, () => checkModules(node, userDir, tarballs));
      if (version === nodeVersions[0]) await step("types", () => checkTypes(userDir, tarballs));
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), "np-packages-"));
try {
  await checkPackages(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(problems === 0 ? "All packages work as installed." : `${problems} ${problems === 1 ? "step" : "steps"} failed.`);
process.exitCode = problems === 0 ? 0 : 1;
