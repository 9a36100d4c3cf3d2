import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { requirement, requirementNames } from "./require.ts";
import type { RunSummary } from "./skip-reporter.ts";

const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));

/** Runs one fixture in a vitest of its own. */
async function runFixture(
  name: string,
  required: "" | "all",
  ...more: string[]
): Promise<{ code: number; output: string; summary: RunSummary }> {
  const folder = mkdtempSync(join(tmpdir(), "np-skip-"));
  const env = { ...process.env, NP_REQUIRE: required, NP_TEST_SUMMARY: join(folder, "summary.json"), NO_COLOR: "1" };
  const child = spawn(
    process.execPath,
    [vitest, "run", "--config", join(import.meta.dirname, "fixtures/vitest.config.ts"), name, ...more],
    { env },
  );
  let output = "";
  child.stdout.on("data", (part) => {
    output += part;
  });
  child.stderr.on("data", (part) => {
    output += part;
  });
  const [code] = await once(child, "close");
  const summary = JSON.parse(readFileSync(env.NP_TEST_SUMMARY, "utf8")) as RunSummary;
  rmSync(folder, { recursive: true });
  return { code, output, summary };
}

describe("a missing requirement", () => {
  it("skips its tests and says once how to enable them", async () => {
    const run = await runFixture("missing", "");
    expect(run).toMatchObject({ code: 0, summary: { passed: 2, failed: 0, skipped: 2 } });
    expect(run.output.match(/SKIPPED .*/g)).toEqual(["SKIPPED 2 tests: moon: no moon found. To enable: wait for the night"]);
  });

  it("fails under NP_REQUIRE=all", async () => {
    const run = await runFixture("missing", "all");
    expect(run).toMatchObject({ code: 1, summary: { passed: 2, failed: 1, skipped: 0 } });
    expect(run.output).toContain("moon: no moon found. To enable: wait for the night");
  });
});

describe("a test skipped by any other means", () => {
  it("is named", async () => {
    const run = await runFixture("marked", "");
    expect(run).toMatchObject({ code: 0, summary: { passed: 1, failed: 0, skipped: 3 } });
    expect(run.output).toContain("SKIPPED 1 test: marked.fixture.ts > is marked is marked skip");
    expect(run.output).toContain("SKIPPED 1 test: marked.fixture.ts > is yet to be written is marked todo");
    expect(run.output).toContain("gives up by itself is skipping itself (no reason)");
  });

  it("fails the run under NP_REQUIRE=all", async () => {
    expect(await runFixture("marked", "all")).toMatchObject({ code: 1, summary: { passed: 1, failed: 3, skipped: 0 } });
  });

  it("is forgiven when tests were chosen by name", async () => {
    expect(await runFixture("marked", "all", "-t", "runs anyway")).toMatchObject({ code: 0, summary: { passed: 1, failed: 0 } });
  });
});

it("NP_REQUIRE=all does not fail a run that skips nothing", async () => {
  expect(await runFixture("plain", "all")).toMatchObject({ code: 0, summary: { passed: 1, failed: 0, skipped: 0, skips: [] } });
});

it("what no test can be blamed for counts as failed: a set-up, a rejection, a file that cannot be loaded", async () => {
  const broken = await runFixture("broken", "");
  expect(broken).toMatchObject({ code: 1, summary: { passed: 1 } });
  expect(broken.summary.failed).toBeGreaterThanOrEqual(2);
  expect(broken.output).not.toContain("SKIPPED");
  expect(await runFixture("unreadable", "")).toMatchObject({ code: 1, summary: { passed: 0, failed: 1 } });
  expect(await runFixture("unprepared", "all")).toMatchObject({ code: 1, summary: { passed: 0, failed: 1, skipped: 1, skips: [] } });
});

it.each(requirementNames)("%s is either there or says why not and what to do", (name) => {
  const { available, reason, howTo } = requirement(name);
  expect(reason === "").toBe(available);
  const [, packageName] = howTo.match(/apt-get install ([\w-]+)/) ?? [];
  expect(
    readFileSync(join(import.meta.dirname, "../../.ci/run"), "utf8")
      .match(/packages=\((.*)\)/)?.[1]
      ?.split(" "),
  ).toContain(packageName);
});
