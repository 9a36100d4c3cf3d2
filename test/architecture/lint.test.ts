import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root, toolPath } from "../../scripts/repository.ts";

/** A folder with the repository's lint settings and nothing else. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "np-lint-"));
  for (const path of ["biome.json", "scripts/lint"]) cpSync(join(root, path), join(folder, path), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lints one file; resolves with what was found, as "rule: message". */
function lint(file: string, code: string): Promise<string[]> {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), code);
  return new Promise((resolve) => {
    const args = ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", file];
    const env = { ...process.env, PATH: toolPath() };
    execFile("biome", args, { cwd: folder, env }, (_error, stdout) => {
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: { severity: string; category: string; message: string }[] };
      resolve(diagnostics.filter(({ severity }) => severity !== "info").map(({ category, message }) => `${category}: ${message}`));
    });
  });
}

const impure: readonly [code: string, words: string][] = [
  ["new Date()", "does not read the clock"],
  ["Date()", "does not read the clock"],
  ["Date.now()", "does not read the clock"],
  ["[0].map(Date.now)", "does not read the clock"],
  ["Temporal.Now.instant()", "does not read the clock"],
  ["Math.random()", "has no randomness"],
  ["new Date(at).getHours()", "machine's time zone"],
  ["new Date(at).getTimezoneOffset()", "machine's time zone"],
  ["new Date(at).toLocaleTimeString()", "machine's time zone"],
  ["performance.now()", "performance"],
  ["crypto.randomUUID()", "crypto"],
  ["process.env.HOME", "process"],
  ["fetch(at)", "fetch"],
  ["setTimeout(() => at, 1)", "setTimeout"],
];
const stage = (expression: string) => `export const found = (at: string): unknown => [at, ${expression}];\n`;

describe("a pure stage", () => {
  it.each(impure)("may not say %s", async (expression, words) => {
    expect(await lint("engine/src/features/bad.ts", stage(expression))).toEqual([expect.stringContaining(words)]);
  });

  it.each(["model", "signals", "features", "predict", "blend", "compose", "adapt"])("is what is in engine/src/%s", async (name) => {
    expect(await lint(`engine/src/${name}/core/bad.ts`, stage("Date.now()"))).toHaveLength(1);
  });

  it.each(["new Date(at)", "new Date(at).getUTCHours()", "Date.parse(at)", "Date.UTC(2026, 0)"])("may say %s", async (expression) => {
    expect(await lint("engine/src/features/good.ts", stage(expression))).toEqual([]);
  });

  it("is not what is at the edges, nor a test", async () => {
    for (const file of ["engine/src/runtime/edge.ts", "engine/src/features/vector.test.ts", "plugins/routers/src/virtual/index.ts"]) {
      expect(await lint(file, stage("Date.now()"))).toEqual([]);
    }
  });
});

describe("everywhere", () => {
  it.each([
    ["any", "export const x: any = 1;\n", "noExplicitAny"],
    ["an unused import", 'import { x } from "./x.ts";\n', "noUnusedImports"],
    [
      "a promise nobody awaits",
      "async function save(): Promise<void> {}\nexport function run(): void {\n  save();\n}\n",
      "noFloatingPromises",
    ],
    ["a default export", "export default 1;\n", "noDefaultExport"],
    ["an enum", "export enum X {\n  a = 1,\n}\n", "noEnum"],
  ])("%s is found", async (_name, code, rule) => {
    expect(await lint("engine/src/runtime/bad.ts", code)).toContainEqual(expect.stringContaining(rule));
  });

  it("a file name that is not kebab-case is found", async () => {
    expect(await lint("engine/src/runtime/BadName.ts", "export const x = 1;\n")).toContainEqual(
      expect.stringContaining("useFilenamingConvention"),
    );
  });

  it("a Node-RED node may have the default export its host asks for", async () => {
    expect(await lint("node-red-nodes/src/nodes/apply/index.ts", "export default 1;\n")).toEqual([]);
  });
});
