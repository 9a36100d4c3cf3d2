import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkImports, type Finding } from "./architecture.ts";
import { checkDependencies, checkDevelopmentDependencies, checkLockFile, checkText, type LockFile } from "./hygiene.ts";
import { readManifest, repositoryFiles, root, runTool, workspaces } from "./repository.ts";

/** One thing that is checked, and what was found; empty when all is well. */
interface Check {
  name: string;
  run(): Promise<string[]> | string[];
}

const textFile = /\.(ts|js|mjs|cjs|json|jsonl|ya?ml|md|html|css|sh|grit|ics)$|^\.ci\/|^\.npmrc$/;
const codeFile = /\.(ts|js|mjs|cjs)$/;

const checks: readonly Check[] = [
  { name: "lint and format", run: () => tool("biome", ["check", "--error-on-warnings", "--max-diagnostics=50", "--log-level=error"]) },
  { name: "types", run: checkTypes },
  { name: "architecture", run: () => inFiles(codeFile, (file, text) => checkImports(file, text, workspaces())) },
  { name: "text", run: () => inFiles(textFile, checkText) },
  { name: "dependencies", run: checkManifests },
  { name: "generated files", run: checkGenerated },
];

/** Runs every check, says what each found, and resolves with the number of checks that failed. */
export async function check(): Promise<number> {
  const results = await Promise.all(
    checks.map(async ({ name, run }) => {
      const started = performance.now();
      const findings = await run();
      return { name, findings, seconds: (performance.now() - started) / 1000 };
    }),
  );
  for (const { name, findings, seconds } of results) {
    console.log(`${findings.length === 0 ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)`);
    for (const finding of findings) console.log(indent(finding));
  }
  return results.filter(({ findings }) => findings.length > 0).length;
}

async function tool(name: string, args: readonly string[]): Promise<string[]> {
  const { code, output } = await runTool(name, args);
  return code === 0 ? [] : [output.trim()];
}

/** Everything as it is developed, and the packages as they are published: test tools bring types that the product does not have. */
async function checkTypes(): Promise<string[]> {
  return [
    ...(await tool("tsc", ["-p", "tsconfig.check.json", "--pretty", "false"])),
    ...(await tool("tsc", ["--build", "--pretty", "false"])),
  ];
}

function inFiles(kind: RegExp, find: (file: string, text: string) => Finding[]): string[] {
  return [...readFiles(kind)].flatMap(([file, text]) => find(file, text)).map(show);
}

function checkManifests(): string[] {
  const files = readFiles(codeFile);
  const packages = workspaces();
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as LockFile;
  return [
    ...packages.flatMap((workspace) => checkDependencies(workspace, files)),
    ...checkDevelopmentDependencies(readManifest("."), packages, files),
    ...checkLockFile(lock),
  ].map(show);
}

async function checkGenerated(): Promise<string[]> {
  const { code, output } = await runTool("node", ["--conditions=np-source", "scripts/gen.ts", "--check"]);
  return code === 0 ? [] : [output.trim()];
}

let contents: Map<string, string> | undefined;
function readFiles(kind: RegExp): Map<string, string> {
  contents ??= new Map(
    repositoryFiles()
      .filter((file) => textFile.test(file) && existsSync(join(root, file)))
      .map((file) => [file, readFileSync(join(root, file), "utf8")]),
  );
  return new Map([...contents].filter(([file]) => kind.test(file)));
}

function show({ file, line, message }: Finding): string {
  return `${file}:${line} ${message}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "       ");
}

if (import.meta.main) process.exitCode = (await check()) === 0 ? 0 : 1;
