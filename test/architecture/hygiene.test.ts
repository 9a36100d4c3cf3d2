import { describe, expect, it } from "vitest";
import { checkDependencies, checkDevelopmentDependencies, checkLockFile, checkText } from "../../scripts/hygiene.ts";
import type { Workspace } from "../../scripts/repository.ts";

const messages = (findings: { message: string }[]) => findings.map(({ message }) => message);
const textFindings = (file: string, text: string) => messages(checkText(file, text));

describe("text", () => {
  it.each([
    ["a path of one machine", "engine/src/x.ts", `const a = "/${"work"}/main";`, "path of one machine"],
    ["a home folder", "README.md", `see /${"root"}/.npmrc`, "path of one machine"],
    ["a look outside the repository", "test/e2e/x.test.ts", `join("../../../${"shared"}/data")`, "outside the repository"],
    ["a registry", "README.md", `https://${"registry"}.example.org/zod`, "package registry"],
    ["a host in the lock file", "package-lock.json", `"${"resolved"}": "https://example.org/zod.tgz"`, "lock file"],
    ["a file that is too long", "engine/src/x.ts", "x;\n".repeat(501), "has 501 lines"],
  ])("%s is found", (_name, file, text, words) => {
    expect(textFindings(file, text)).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    ["a URL path", "engine/src/x.ts", `fetch("https://example.org/${"work"}/")`],
    ["a folder of that name inside", "node-red-nodes/src/nodes/apply/index.ts", `from "../../${"shared"}/status.ts"`],
    ["a bench", "bench/calendar/main.ts", `"../../../${"shared"}/data"`],
    ["a workspace link in the lock file", "package-lock.json", `"${"resolved"}": "engine"`],
    ["a file of 500 lines", "engine/src/x.ts", "x;\n".repeat(500)],
    ["long data", "test/x/fixtures/day.json", "1\n".repeat(600)],
  ])("%s is fine", (_name, file, text) => {
    expect(textFindings(file, text)).toEqual([]);
  });
});

describe("dependencies", () => {
  const workspace: Workspace = {
    folder: "engine",
    manifest: { name: "@network-personas/engine", version: "1.0.0", dependencies: { zod: "4.0.0", ws: "8.0.0" } },
  };
  const uses = (...names: string[]) => names.map((name) => `import "${name}";`).join("\n");

  it("that are imported and declared are fine", () => {
    expect(checkDependencies(workspace, new Map([["engine/src/a.ts", uses("zod", "ws/lib/x", "node:fs", "./b.ts")]]))).toEqual([]);
  });

  it("that are imported but not declared are found", () => {
    expect(messages(checkDependencies(workspace, new Map([["engine/src/a.ts", uses("zod", "ws", "hono")]])))).toEqual([
      "imports hono, which is not in engine/package.json",
    ]);
  });

  it("that only a test imports need not be declared, but do not count as used", () => {
    const files = new Map([
      ["engine/src/a.ts", uses("zod")],
      ["engine/src/a.test.ts", uses("ws", "fast-check")],
    ]);
    expect(messages(checkDependencies(workspace, files))).toEqual(["depends on ws, which nothing in it imports"]);
  });

  it("of tests and scripts come from some package.json", () => {
    const root = { name: "root", version: "0.0.0", devDependencies: { vitest: "5.0.0" } };
    const files = new Map([["test/a.test.ts", uses("vitest", "zod", "@network-personas/engine", "mocha")]]);
    expect(messages(checkDevelopmentDependencies(root, [workspace], files))).toEqual(["imports mocha, which no package.json names"]);
  });
});

describe("the lock file", () => {
  const packages = {
    "": {},
    "node_modules/tool": { optionalDependencies: { "@tool/linux": "1.0.0", "@tool/darwin": "1.0.0" } },
    "node_modules/@tool/linux": {},
  };

  it("that lacks a package for another platform is found", () => {
    expect(messages(checkLockFile({ packages }))).toEqual([
      "lacks @tool/darwin, an optional dependency of node_modules/tool: npm ci fails",
    ]);
  });

  it("that has them all is fine, nested ones included", () => {
    expect(checkLockFile({ packages: { ...packages, "node_modules/tool/node_modules/@tool/darwin": {} } })).toEqual([]);
  });
});
