import { spawnSync } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../../", import.meta.url));

/**
 * Installs the plugin into `modules` (a node_modules folder) as users have it: compiled, with what npm would pack. What it depends on
 * is linked, so that the engine and the drivers run from their sources.
 */
export async function installPlugin(modules: string): Promise<string> {
  const source = join(root, "plugins/homebridge");
  const target = join(modules, "homebridge-network-personas");
  await mkdir(target, { recursive: true });
  compile(join(target, "dist"));
  for (const part of ["package.json", "config.schema.json", "schemas", "homebridge-ui", "LICENSE", "README.md"])
    await cp(join(source, part), join(target, part), { recursive: true });
  for (const [name, folder] of linked) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, folder), join(modules, name));
  }
  return target;
}

const linked = [
  ["@network-personas/engine", "engine"],
  ["@network-personas/personas", "personas"],
  ["@network-personas/routers", "plugins/routers"],
  ["@homebridge/plugin-ui-utils", "node_modules/@homebridge/plugin-ui-utils"],
  ["zod", "node_modules/zod"],
] as const;

/** The sources as JavaScript. Types are checked elsewhere. */
function compile(out: string): void {
  const flags = ["--noCheck", "--composite", "false", "--declaration", "false", "--sourceMap", "false", "--incremental", "false"];
  const run = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "plugins/homebridge", ...flags, "--outDir", out], {
    cwd: root,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`the plugin does not compile:\n${run.stdout}${run.stderr}`);
}
