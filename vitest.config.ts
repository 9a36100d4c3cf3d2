import { defineConfig } from "vitest/config";
import { reportSkips } from "./test/support/skip-reporter.ts";
import { SlowFirst } from "./test/support/slow-first.ts";

export default defineConfig({
  // Tests run the sources, never a build.
  resolve: { conditions: ["np-source"] },
  ssr: { resolve: { conditions: ["np-source"] } },
  plugins: [reportSkips()],
  test: {
    include: ["{personas,engine,plugins/*,node-red-nodes}/src/**/*.test.ts", "{test,bench,scripts}/**/*.test.ts"],
    testTimeout: 20_000,
    // Most of the time goes into waiting for real programs; as many workers as the usual two cores would leave them half idle.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
  },
});
