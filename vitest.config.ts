import { defineConfig } from "vitest/config";
import { reportSkips } from "./test/support/skip-reporter.ts";
import { SlowFirst } from "./test/support/slow-first.ts";

export default defineConfig({
  // Tests run the sources, never a build.
  resolve: { conditions: ["np-source"] },
  ssr: { resolve: { conditions: ["np-source"] } },
  plugins: [reportSkips()],
  test: {
    projects: [
      // Units keep nothing outside themselves, so one worker reads our modules once for all of them.
      { extends: true, test: { name: "unit", include: ["{personas,engine,plugins/*,node-red-nodes}/src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: "whole", include: ["{test,bench,scripts}/**/*.test.ts"] } },
    ],
    testTimeout: 20_000,
    // Most of the time goes into waiting for real programs; as many workers as the usual two cores would leave them half idle.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
  },
});
