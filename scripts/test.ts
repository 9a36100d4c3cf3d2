import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunSummary } from "../test/support/skip-reporter.ts";
import { build } from "./build.ts";
import { check } from "./check.ts";
import { root, toolPath } from "./repository.ts";

/** A step of `npm test` and what it counts for. */
interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

async function runChecks(): Promise<Outcome> {
  return { passed: 0, failed: await check(), skipped: 0 };
}

async function runBuild(): Promise<Outcome> {
  const error = await build().then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (error) console.error(error.message);
  return { passed: 0, failed: error ? 1 : 0, skipped: 0 };
}

/** Runs the tests once. What is given on the command line goes to vitest. */
async function runTests(args: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "np-test-"));
  const report = join(folder, "summary.json");
  // Tests start real programs by the hundred, most of them the same ones.
  const env = { ...process.env, PATH: toolPath(), NP_TEST_SUMMARY: report, NODE_COMPILE_CACHE: join(folder, "compiled") };
  const child = spawn("vitest", ["run", ...args], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
  const summary: Outcome = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as RunSummary)
    : { passed: 0, failed: 1, skipped: 0 };
  rmSync(folder, { recursive: true });
  // Whatever made vitest fail counts, even when no test can be blamed.
  return { ...summary, failed: code === 0 ? summary.failed : Math.max(summary.failed, 1) };
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

const args = process.argv.slice(2);
heading("check");
const checked = await runChecks();
heading("build");
const built = await runBuild();
heading("test");
const tested = await runTests(args);

const outcomes = [checked, built, tested];
const total = (count: "passed" | "failed" | "skipped") => outcomes.reduce((sum, outcome) => sum + outcome[count], 0);
if (checked.failed > 0) console.log(`\n${checked.failed} of the checks failed: see "== check" above, or run: npm run check`);
if (built.failed > 0) console.log("\nThe build failed: see above, or run: npm run build");
const skipped = total("skipped");
console.log(`${total("passed")} passed, ${total("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = total("failed") > 0 ? 1 : 0;
