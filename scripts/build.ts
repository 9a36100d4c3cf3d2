import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, runTool, workspaces } from "./repository.ts";

/** Test material beside the sources; not part of what is published. */
const testMaterial = /(^|[\\/])(fixtures|__snapshots__)[\\/]|\.test\.ts$/;

/** Makes every package's dist complete. Quick when nothing changed. Throws with the compiler's findings. */
export async function build(): Promise<void> {
  const compiled = await runTool("tsc", ["--build", "--pretty", "false"]);
  if (compiled.code !== 0) throw new Error(`The sources do not compile:\n${compiled.output.trim()}`);
  for (const { folder } of workspaces()) mirrorAssets(join(root, folder, "src"), join(root, folder, "dist"));
  await buildPersonas();
  await buildNodes();
}

/** The built-in personas are read once here and not in every process that begins. */
async function buildPersonas(): Promise<void> {
  const { compileBuiltIn } = await import("@network-personas/personas/load");
  const [file, text] = [join(root, "personas/dist/built-in.json"), await compileBuiltIn()];
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

/** What is not TypeScript belongs beside the compiled files as it is. What was compiled from a source that is gone goes. */
function mirrorAssets(src: string, dist: string): void {
  for (const file of filesIn(src)) if (!file.endsWith(".ts") && !testMaterial.test(file)) copyIfNewer(join(src, file), join(dist, file));
  for (const file of filesIn(dist)) {
    const compiledFrom = file.match(/^(.*)\.(d\.ts|js\.map)$/)?.[1];
    if (compiledFrom === undefined || existsSync(join(src, `${compiledFrom}.ts`))) continue;
    for (const ending of ["d.ts", "js.map", "js"]) rmSync(join(dist, `${compiledFrom}.${ending}`), { force: true });
    removeAssetsOf(join(src, dirname(file)), join(dist, dirname(file)));
  }
}

/** A folder that is gone takes its assets along: the folder is the registry of drivers and nodes. */
function removeAssetsOf(src: string, dist: string): void {
  if (!existsSync(src)) rmSync(dist, { recursive: true, force: true });
}

function copyIfNewer(from: string, to: string): void {
  const wanted = statSync(from);
  const there = statSync(to, { throwIfNoEntry: false });
  if (there && there.size === wanted.size && there.mtimeMs >= wanted.mtimeMs) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Node-RED loads each node's editor half from a file beside the compiled script; the package knows how to make it. */
async function buildNodes(): Promise<void> {
  const script = join(root, "node-red-nodes/build.ts");
  if (!existsSync(script)) return;
  const module = (await import(script)) as { buildNodes(): Promise<void> | void };
  await module.buildNodes();
}

if (import.meta.main) {
  await build().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
