import { readFile, writeFile } from "node:fs/promises";
import type { RouterDriver } from "@network-personas/engine/driver";
import { verbatim } from "@network-personas/engine/model";
import { type DriverFixture, type RouterUnderTest, testRouterDriver } from "@network-personas/engine/testing";
import { expect, it } from "vitest";
import { virtualFixture } from "./kit-virtual.ts";

/** A driver that works, except for what a mutant does to it. */
type Mutant = { breaks: (driver: RouterDriver, router: RouterUnderTest & { file: string }) => Partial<RouterDriver>; caughtBy: string };

const mutants: Record<string, Mutant> = {
  "says nothing has to change": {
    breaks: (d) => ({ plan: async (...args) => ({ ...(await d.plan(...args)), changes: [] }) }),
    caughtBy: "a change set is data that people and machines can read",
  },
  "does not write": { breaks: () => ({ apply: async () => {} }), caughtBy: "what was applied is there" },
  "writes while planning": {
    breaks: (d) => ({
      async plan(...args) {
        const changes = await d.plan(...args);
        await d.apply(changes, { confirmWithin: 1 });
        return changes;
      },
    }),
    caughtBy: "plan() only computes: no writes, same answer twice",
  },
  "plans from memory": {
    breaks: (d) => ({ plan: async (desired) => d.plan(desired, await d.read()) }),
    caughtBy: "plan() judges by the state it is given, not by memory",
  },
  "drops what it cannot do": {
    breaks: (d) => ({ plan: async (...args) => ({ ...(await d.plan(...args)), omissions: [] }) }),
    caughtBy: "a device whose MAC address is not known is left out with a reason",
  },
  "leaves a field out": {
    breaks: (d) => ({
      plan: (desired, current) =>
        d.plan(desired && { ...desired, devices: desired.devices.map((x) => ({ ...x, isolated: false })) }, current),
    }),
    caughtBy: "device.isolated reaches the router and goes away again",
  },
  "confirms by itself": {
    breaks: (d) => ({
      async apply(...args) {
        await d.apply(...args);
        await d.confirm();
      },
    }),
    caughtBy: "an apply nobody confirms is undone by the router",
  },
  "believes every confirmation": {
    breaks: (d) => ({ confirm: () => d.confirm().catch(() => {}) }),
    caughtBy: "a confirmation that comes too late is refused, not believed",
  },
  "confirms without telling the router": { breaks: () => ({ confirm: async () => {} }), caughtBy: "what is confirmed stays" },
  "does not roll back": { breaks: () => ({ rollback: async () => {} }), caughtBy: "rollback goes back to what was confirmed before" },
  "rolls back to nothing": {
    breaks: (d) => ({ rollback: () => d.release() }),
    caughtBy: "rollback with nothing to undo is harmless, any number of times",
  },
  "does not release": {
    breaks: () => ({ release: async () => {} }),
    caughtBy: "release removes everything of ours and nothing else, twice without harm",
  },
  "changes what is not ours": {
    breaks: (d, { file }) => ({
      async apply(...args) {
        await d.apply(...args);
        await writeFile(file, (await readFile(file, "utf8")).replace("Demo home", "Personas"));
      },
    }),
    caughtBy: "what was applied is there",
  },
  "minds the order of devices": {
    breaks: (d) => ({
      async plan(desired, current) {
        const set = await d.plan(desired, current);
        const sorted = !desired || desired.devices.every((x, i, all) => i === 0 || all[i - 1]!.device < x.device);
        return sorted
          ? set
          : {
              ...set,
              changes: [
                {
                  action: "set",
                  target: "order",
                  before: "a",
                  after: "b",
                  summary: "the order changes",
                  said: verbatim("the order changes"),
                },
              ],
            };
      },
    }),
    caughtBy: "the order of devices in a plan means nothing",
  },
  "throws plain errors": {
    breaks: (d) => ({
      read: () =>
        d.read().catch((error: Error) => {
          throw new Error(error.message);
        }),
    }),
    caughtBy: "unreachable: every call ends with a typed error",
  },
  "tells the password": {
    breaks: (d) => ({ identify: async () => ({ ...(await d.identify()), model: "hunter2" }) }),
    caughtBy: "secrets appear in nothing a driver returns",
  },
  "counts backwards": {
    breaks: (d) => {
      let calls = 0;
      return {
        counters: async () => ({
          ...(await d.counters!()),
          devices: new Map([["02:00:00:00:00:11", { downBytes: 1000 - calls++, upBytes: 0 }]]),
        }),
      };
    },
    caughtBy: "counters exist when the capabilities promise them, and never shrink by themselves",
  },
};

/** The kit's cases by name, with a driver broken by a mutant. */
function casesWith({ breaks }: Mutant): Map<string, () => Promise<void>> {
  const broken = (driver: RouterDriver, router: RouterUnderTest & { file: string }): RouterDriver => {
    const parts = breaks(driver, router) as Record<string, unknown>;
    return new Proxy(driver, {
      get(target, name: keyof RouterDriver) {
        const value = parts[name] ?? target[name];
        return typeof value === "function" ? value.bind(name in parts ? parts : target) : value;
      },
    });
  };
  const fixture: DriverFixture = {
    ...virtualFixture,
    secrets: ["hunter2"],
    async create(given) {
      const router = await virtualFixture.create(given);
      return { ...router, driver: broken(router.driver, router), restartDriver: async () => broken(await router.restartDriver(), router) };
    },
  };
  const cases = new Map<string, () => Promise<void>>();
  testRouterDriver("mutant", fixture, { describe: (_name, body) => body(), it: (name, body) => cases.set(name, body) });
  return cases;
}

for (const [name, mutant] of Object.entries(mutants)) {
  it(`the contract catches a driver that ${name}`, async () => {
    const body = casesWith(mutant).get(mutant.caughtBy);
    expect(body, `there is no case "${mutant.caughtBy}"`).toBeDefined();
    await expect(body!()).rejects.toThrow();
  });
}

it("the contract catches a driver that ignores what is protected", async () => {
  const fixture: DriverFixture = { ...virtualFixture, create: (given) => virtualFixture.create({ ...given, protectedMacs: new Set() }) };
  const cases = new Map<string, () => Promise<void>>();
  testRouterDriver("mutant", fixture, { describe: (_name, body) => body(), it: (name, body) => cases.set(name, body) });
  for (const verb of ["blocks", "isolates", "starves", "starves upstream"]) {
    await expect(cases.get(`refuses a plan that ${verb} a protected device`)!()).rejects.toThrow(/Missing expected rejection/);
  }
});
