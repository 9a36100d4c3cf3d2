import { defineConfig } from "vitest/config";
import { reportSkips } from "./test/support/skip-reporter.ts";

export default defineConfig({
  // Tests run the sources, never a build.
  resolve: { conditions: ["np-source"] },
  ssr: { resolve: { conditions: ["np-source"] } },
  plugins: [reportSkips()],
  test: {
    include: ["{personas,engine,plugins/*,node-red-nodes}/src/**/*.test.ts", "{test,bench,scripts}/**/*.test.ts"],
    testTimeout: 20_000,
    // Most of the time goes into waiting for real programs; one worker less than there are cores would leave two cores half idle.
    maxWorkers: 2,
  },
});
