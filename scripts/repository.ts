import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, relative, sep } from "node:path";

/** Absolute path of the checkout. */
export const root: string = dirname(import.meta.dirname);

/** What the scripts read of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  workspaces?: string[];
  bin?: Record<string, string>;
  /** null: not for others, whatever a pattern says. */
  exports?: Record<string, string | Record<string, string> | null>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** A published package of the repository. `folder` is relative to the root, with forward slashes. */
export interface Workspace {
  folder: string;
  manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

/** Every published package, in the order of the root's package.json: each after those it depends on. */
export function workspaces(): Workspace[] {
  return (readManifest(".").workspaces ?? []).map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** Files under version control or about to be (not ignored), relative to the root, sorted. */
export function repositoryFiles(): string[] {
  return (existsSync(join(root, ".git")) ? filesKnownToGit() : filesOfDownload()).filter((file) => existsSync(join(root, file))).sort();
}

function filesKnownToGit(): string[] {
  // A checkout that belongs to somebody else is still the one to check.
  const args = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z"];
  const listed = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.error?.message ?? listed.stderr}`);
  return listed.stdout.split("\0").filter((file) => file !== "");
}

/** What a downloaded archive contains besides what was installed and built in it. */
function filesOfDownload(): string[] {
  const generated = /(^|\/)(node_modules|dist|test-results|\.np[^/]*)\/|\.tsbuildinfo$|\.tgz$/;
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => slashed(relative(root, join(entry.parentPath, entry.name))))
    .filter((file) => !generated.test(file));
}

/** PATH with the repository's own tools and this Node first, whatever the machine has. */
export function toolPath(): string {
  return [join(root, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);
}

export interface Finished {
  code: number;
  output: string;
}

/** Runs a tool of node_modules/.bin and collects what it prints. */
export function runTool(tool: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env, PATH: toolPath() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.stderr.on("data", (part: Buffer) => parts.push(part));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(parts).toString("utf8") }));
  });
}

/** "engine/src/model/home.ts" whatever the platform's separator. */
export function slashed(path: string): string {
  return path.split(sep).join("/");
}
