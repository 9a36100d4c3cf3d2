import { spawnSync } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNodes } from "../../../../node-red-nodes/build.ts";

export const root: string = fileURLToPath(new URL("../../../../", import.meta.url));

/**
 * Installs our package into a Node-RED user directory as a hobbyist has it: built, inside node_modules. The engine and the drivers
 * are linked, so that they run from their sources.
 */
export async function installNodes(userDir: string): Promise<void> {
  const scope = join(userDir, "node_modules/@network-personas");
  const target = join(scope, "node-red");
  await mkdir(target, { recursive: true });
  compile(join(target, "dist"));
  await buildNodes(join(target, "dist"));
  await cp(join(root, "node-red-nodes/package.json"), join(target, "package.json"));
  await cp(join(root, "node-red-nodes/examples"), join(target, "examples"), { recursive: true });
  for (const name of ["engine", "personas"]) await symlink(join(root, name), join(scope, name));
  await symlink(join(root, "plugins/routers"), join(scope, "routers"));
}

/** The sources as JavaScript. Types are checked elsewhere. */
function compile(out: string): void {
  const flags = ["--noCheck", "--composite", "false", "--declaration", "false", "--sourceMap", "false", "--incremental", "false"];
  const run = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "node-red-nodes", ...flags, "--outDir", out], {
    cwd: root,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`the nodes do not compile:\n${run.stdout}${run.stderr}`);
}
