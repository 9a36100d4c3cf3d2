import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../../engine/bin/network-personas.js", import.meta.url));

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Starts the real command line in a child process, as a user would. */
export function start(args: readonly string[], options: { env?: Record<string, string>; cwd?: string } = {}): ChildProcess {
  return spawn(process.execPath, [launcher, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: "", ...options.env },
  });
}

export async function run(
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<Finished> {
  const child = start(args, options);
  const finished: Finished = { code: null, out: "", err: "" };
  child.stdout!.on("data", (chunk) => (finished.out += chunk));
  child.stderr!.on("data", (chunk) => (finished.err += chunk));
  child.stdin!.end(options.input ?? "");
  finished.code = await new Promise((resolve) => child.on("close", resolve));
  return finished;
}
