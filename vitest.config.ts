import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run the sources, never a build.
  resolve: { conditions: ["np-source"] },
  ssr: { resolve: { conditions: ["np-source"] } },
  test: {
    include: ["{personas,engine,plugins/routers,node-red-nodes}/src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    testTimeout: 20_000,
  },
});
