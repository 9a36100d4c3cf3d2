import { describe, it } from "vitest";
import { testRouterDriver } from "./driver-contract.ts";
import { MemoryDriver, MemoryRouter, memorySupport } from "./memory-driver.ts";

// The contract on a router that cannot roll back by itself and cannot do everything.
testRouterDriver(
  "memory",
  {
    support: memorySupport,
    rollback: "engine",
    faults: [],
    reboots: false,
    tunnel: "office",
    secrets: [],
    async create({ protectedMacs }) {
      const memory = new MemoryRouter();
      const start = () => new MemoryDriver(memory, { protectedMacs });
      return {
        driver: start(),
        restartDriver: async () => start(),
        snapshot: async () => ({ owned: { ...memory.owned }, foreign: null }),
        advance: async () => {},
        writes: () => memory.writes,
        inject: async () => {},
        stop: async () => {},
      };
    },
  },
  { describe, it },
);
