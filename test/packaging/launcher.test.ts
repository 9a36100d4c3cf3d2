import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const bin = join(import.meta.dirname, "../../engine/bin/network-personas.js");

/** A package whose source and build tell themselves apart. */
const probe = "np-probe";

/** A package of its own around the real launcher, with a command line that tells how it was started. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "np-launcher-"));
  write("package.json", '{ "type": "module" }');
  cpSync(bin, join(folder, "bin/network-personas.js"));
  write(`node_modules/${probe}/package.json`, '{ "type": "module", "exports": { "np-source": "./source.js", "default": "./built.js" } }');
  write(`node_modules/${probe}/source.js`, 'export const from = "source";');
  write(`node_modules/${probe}/built.js`, 'export const from = "built";');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function launch(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return start([join(folder, "bin/network-personas.js"), ...args]);
}

function start(args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });
}

const pretendNode = (version: string) =>
  `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;

describe("in a checkout", () => {
  it("runs the sources and resolves our packages to theirs, in worker threads too", async () => {
    write(
      "src/cli/worker.ts",
      `import { parentPort } from "node:worker_threads"; parentPort!.postMessage((await import("${probe}")).from);`,
    );
    write(
      "src/cli/main.ts",
      `import { Worker } from "node:worker_threads";
       import { once } from "node:events";
       export async function main(argv: string[]): Promise<number> {
         const { from } = await import("${probe}");
         const [inWorker] = await once(new Worker(new URL("worker.ts", import.meta.url)), "message");
         console.log(JSON.stringify({ argv, from, inWorker }));
         return 2;
       }`,
    );
    const run = await launch("predict", "--at", "two words");
    expect(run.code).toBe(2);
    expect(JSON.parse(run.out)).toEqual({ argv: ["predict", "--at", "two words"], from: "source", inWorker: "source" });
    expect(run.err).toBe("");
  });

  it("says in one line how to get the right Node", async () => {
    write("src/cli/main.ts", "export const main = () => 0;");
    write("old.mjs", pretendNode("22.20.0"));
    const run = await start(["--import", join(folder, "old.mjs"), join(folder, "bin/network-personas.js")]);
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toBe(
      'network-personas needs Node.js 24.0 or newer, and this is 22.20.0. "npm ci" has put one into this checkout: run "npm exec network-personas -- <command>" there.\n',
    );
  });
});

describe("as a published package", () => {
  beforeEach(() =>
    write(
      "dist/cli/main.js",
      `import { from } from "${probe}"; export const main = async (argv) => { console.log(from, ...argv); return 0; };`,
    ),
  );

  it("runs the build", async () => {
    expect(await launch("--help")).toEqual({ code: 0, out: "built --help\n", err: "" });
  });

  it.each([
    ["20.20.2", 1],
    ["22.12.0", 1],
    ["22.13.0", 0],
    ["24.0.0", 0],
    ["27.1.0", 0],
  ])("under Node %s ends with %i", async (version, code) => {
    write("old.mjs", pretendNode(version));
    const run = await start(["--import", join(folder, "old.mjs"), join(folder, "bin/network-personas.js")]);
    expect(run.code).toBe(code);
    if (code === 1) expect(run.err).toContain(`needs Node.js 22.13 or newer, and this is ${version}`);
  });

  it("ends with 1 and the message when the command line fails to start", async () => {
    write("dist/cli/main.js", 'export const main = async () => { throw new Error("no home"); };');
    expect(await launch()).toEqual({ code: 1, out: "", err: "no home\n" });
  });
});
