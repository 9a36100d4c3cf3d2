import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Plugin } from "vitest/config";
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { describeMissing, skipsFail } from "./require.ts";

/** What a run came to. A file that could not be loaded and an error outside of any test count as failures. */
export interface RunSummary {
  passed: number;
  failed: number;
  skipped: number;
  /** One line per reason to skip, as shown to people. */
  skips: readonly string[];
}

/** Adds the reporter to whatever others are chosen. */
export function reportSkips(): Plugin {
  return {
    name: "network-personas:skips",
    configureVitest({ vitest }) {
      // Asked once per project.
      const { reporters } = vitest.config;
      if (!reporters.some((reporter) => reporter instanceof SkipReporter)) reporters.push(new SkipReporter());
    },
  };
}

/** Says after every run what was skipped and how to enable it; with NP_REQUIRE=all fails the run for it. */
class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    // Tests left out by `-t` or `:line` were left out on purpose.
    const narrowed = modules.some((module) => module.project.globalConfig.testNamePattern !== undefined);
    const summary = summarise(modules, unhandledErrors.length);
    if (!narrowed) for (const line of summary.skips) this.#vitest?.logger.log(`SKIPPED ${line}`);
    if (skipsFail() && summary.skips.length > 0 && !narrowed) {
      this.#vitest?.logger.error("NP_REQUIRE=all: skipped tests are failures.");
      process.exitCode = 1;
      summary.failed += summary.skipped;
      summary.skipped = 0;
    }
    if (process.env.NP_TEST_SUMMARY) writeFileSync(process.env.NP_TEST_SUMMARY, JSON.stringify(summary));
  }
}

function summarise(modules: readonly TestModule[], unhandledErrors: number): RunSummary {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state);
  const skipped = [...inState("skipped"), ...inState("pending")];
  const brokenFiles = modules.filter((module) => module.errors().length > 0);
  const brokenSuites = modules.flatMap((module) => [...module.children.allSuites()].filter((suite) => suite.errors().length > 0));
  return {
    passed: inState("passed").length,
    failed: inState("failed").length + brokenFiles.length + brokenSuites.length + unhandledErrors,
    skipped: skipped.length,
    skips: skipLines(skipped.filter((test) => !failedAbove(test))),
  };
}

/** Whether the set-up of the file or of a suite around the test failed, which already is a failure. */
function failedAbove(test: TestCase): boolean {
  for (let place: TestSuite | TestModule = test.parent; ; place = place.parent) {
    if (place.errors().length > 0) return true;
    if (place.type === "module") return false;
  }
}

/** Tests with the same missing requirement share a line; any other skip names its test. */
function skipLines(skipped: readonly TestCase[]): string[] {
  const counts = new Map<string, number>();
  for (const test of skipped) for (const reason of reasons(test)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${count === 1 ? "test" : "tests"}: ${reason}`);
}

const how: Readonly<Record<string, string>> = { todo: "marked todo", skip: "marked skip", run: "skipping itself" };

function reasons(test: TestCase): string[] {
  const missing = test.meta().missing;
  if (missing) return missing.map(describeMissing);
  const result = test.result();
  const note = result.state === "skipped" && result.note ? ` (${result.note})` : "";
  const file = relative(test.project.config.root, test.module.moduleId);
  return [`${file} > ${test.fullName} is ${how[test.options.mode] ?? "skipped"}${note}`];
}
