import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../repository.ts";

const execute = promisify(execFile);

/** Installs that never change are kept between runs. */
const cache = join(tmpdir(), "network-personas-check-packages");

const npmCommand = join(root, "node_modules/npm/bin/npm-cli.js");

/** What the `npm run` around us adds, and what would let a child find our sources. The machine's own settings (registry, certificates) stay. */
const ours = /^(npm_(?!config_)|npm_config_(local_prefix|prefix|workspace)|NODE_(OPTIONS|PATH)$|INIT_CWD$)/i;

function cleanEnvironment(node: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(inherited), PATH: `${dirname(node)}:/usr/local/bin:/usr/bin:/bin` };
}

/** Runs a script under a certain Node and resolves with its standard output; rejects with what it printed. */
export async function runNode(node: string, args: readonly string[], folder: string): Promise<string> {
  const options = { cwd: folder, env: cleanEnvironment(node), maxBuffer: 64 * 1024 * 1024, timeout: 180_000 };
  const { stdout } = await execute(node, [...args], options).catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`${error.message}\n${error.stdout}${error.stderr}`.trim());
  });
  return stdout;
}

export function npm(node: string, args: readonly string[], folder: string): Promise<string> {
  return runNode(node, [npmCommand, ...args, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], folder);
}

/** Makes `folder` a package and installs into it. Scripts do not run, as in our own installs. */
export async function install(node: string, folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "installed", private: true }));
  await npm(node, ["install", "--ignore-scripts", ...packages], folder);
}

/** Installs one published package once and for all; resolves with the folder it is in. */
export async function installOnce(name: string, version: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`);
  const done = join(folder, ".complete");
  if (!existsSync(done)) {
    await install(process.execPath, folder, [`${name}@${version}`]);
    writeFileSync(done, "");
  }
  return join(folder, "node_modules", name);
}

/** A Node.js of a certain version, from the npm registry. */
export async function installNode(version: string): Promise<string> {
  return join(await installOnce(`node-${process.platform}-${process.arch}`, version), "bin/node");
}

/** Copies an installed folder. */
export function copyInstallation(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
