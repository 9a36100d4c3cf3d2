import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RouterDriver } from "@network-personas/engine/driver";
import { Home, type NetworkPlan } from "@network-personas/engine/model";
import {
  evening,
  MemoryDriver,
  MemoryRouter,
  memoryJournal,
  sampleApplications,
  TestClock,
  workAndPlay,
} from "@network-personas/engine/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Applier, type Journal } from "../../engine/src/apply/index.ts";
import { VirtualDriver } from "../../plugins/routers/src/virtual/driver.ts";
import { VirtualRouter } from "../../plugins/routers/src/virtual/router.ts";

/** The process is gone: nothing it does from here on has any effect. */
class Crash extends Error {}

/** A process that dies at its n-th call to router or journal: before the call took effect, or after. */
class Process {
  calls = 0;
  readonly #diesAt: number;
  readonly #before: boolean;
  constructor(diesAt = Number.POSITIVE_INFINITY, before = true) {
    this.#diesAt = diesAt;
    this.#before = before;
  }
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const call = ++this.calls;
          if (call > this.#diesAt || (call === this.#diesAt && this.#before)) throw new Crash("crashed");
          const result = await value.apply(object, args);
          if (call === this.#diesAt) throw new Crash("crashed");
          return result;
        };
      },
    });
  }
}

const home = Home.parse({ version: 1, home: { timeZone: "UTC" }, wan: { down: "100 Mbit/s", up: "20 Mbit/s" } });
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const confirmWithin = 60_000;

interface World {
  clock: TestClock;
  journal: Journal;
  applier(process?: Process): Applier;
  rebootRouter(): Promise<void>;
  /** Which of the plans the router holds entirely. */
  held(plans: Record<string, NetworkPlan | null>): Promise<string>;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-crash-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A router with drivers for it, as many as there are lives of the process. */
type MakeRouter = (clock: TestClock) => { driver(): RouterDriver; reboot(): Promise<void> };
let made = 0;
/** On disk, and undoes changes itself. */
const onDisk: MakeRouter = (clock) => {
  const dataDir = join(folder, `${made++}`);
  const context = {
    router: "main",
    home: { id: "home" },
    dataDir,
    clock,
    log: quiet,
    applications: sampleApplications,
    protectedMacs: new Set<string>(),
  };
  return {
    driver: () => new VirtualDriver({ settings: { id: "main", driver: "virtual" }, ...context }),
    reboot: () => new VirtualRouter("main", dataDir, clock).reboot(),
  };
};
/** In memory; its driver undoes changes. */
const inMemory: MakeRouter = () => {
  const memory = new MemoryRouter();
  return {
    driver: () => new MemoryDriver(memory),
    async reboot() {
      memory.owned = {};
    },
  };
};

function world(make: MakeRouter): World {
  const clock = new TestClock("2026-01-05T10:00:00Z");
  const journal = memoryJournal();
  const { driver, reboot } = make(clock);
  return {
    clock,
    journal,
    applier: (process = new Process()) =>
      new Applier({
        router: "main",
        mode: "live",
        driver: process.wrap(driver()),
        journal: process.wrap(journal),
        home,
        clock,
        log: quiet,
      }),
    rebootRouter: reboot,
    async held(plans) {
      const state = await driver().read();
      for (const [name, plan] of Object.entries(plans)) if ((await driver().plan(plan, state)).changes.length === 0) return name;
      return "a mixture";
    },
  };
}

/** What is interrupted, from which plan to which. */
const works: Record<string, { from: NetworkPlan | null; to: NetworkPlan | null; run(applier: Applier): Promise<unknown> }> = {
  "the first plan ever": { from: null, to: workAndPlay(), run: (a) => a.apply(workAndPlay(), { confirmWithin }) },
  "a change of plan": { from: evening(), to: workAndPlay(), run: (a) => a.apply(workAndPlay(), { confirmWithin }) },
  release: { from: evening(), to: null, run: (a) => a.release() },
};

async function start(make: MakeRouter, from: NetworkPlan | null): Promise<World> {
  const w = world(make);
  if (from) expect((await w.applier().apply(from, { confirmWithin })).result).toBe("confirmed");
  return w;
}

/** The world is whole again: the old plan or the new one, noted as such, and able to go on. */
async function expectWhole(w: World, { from, to }: { from: NetworkPlan | null; to: NetworkPlan | null }, when: string): Promise<void> {
  const held = await w.held({ old: from, new: to });
  expect(["old", "new"], when).toContain(held);
  expect(await w.journal.confirmed("main"), `${when}: the note of what is confirmed`).toEqual(held === "old" ? from : to);
  expect((await w.journal.load("main"))?.phase ?? "done", when).toBe("done");
  await w.clock.advance(2 * confirmWithin);
  expect(await w.held({ old: from, new: to }), `${when}: still so when every timer has run out`).toBe(held);
  expect(await w.applier().recover(), `${when}: recovering again`).toBe("nothing");
}

const cases = [onDisk, inMemory].flatMap((make) => Object.entries(works).map(([name, work]) => ({ make, name, work })));
for (const { make, name, work } of cases) {
  describe(`a crash during ${name}, with a router ${make === onDisk ? "on disk" : "in memory"}`, () => {
    /** How many calls the work makes when nothing happens to it. */
    async function length(): Promise<number> {
      const process = new Process();
      const w = await start(make, work.from);
      await work.run(w.applier(process));
      expect(await w.held({ new: work.to })).toBe("new");
      return process.calls;
    }
    const crashed = async (at: number, before: boolean) => {
      const w = await start(make, work.from);
      const outcome = await work.run(w.applier(new Process(at, before))).catch((error) => error);
      return { w, outcome };
    };

    for (const before of [true, false]) {
      it(`at any call, ${before ? "before" : "after"} it takes effect, leaves the old or the new plan`, async () => {
        const calls = await length();
        expect(calls).toBeGreaterThan(8);
        for (let at = 1; at <= calls; at++) {
          for (const late of [0, 2 * confirmWithin]) {
            const { w } = await crashed(at, before);
            await w.clock.advance(late);
            await w.applier().recover();
            await expectWhole(w, work, `crash ${before ? "before" : "after"} call ${at}, ${late ? "long" : "just"} before recovery`);
          }
        }
      });
    }

    it("while the router restarts too leaves the old or the new plan", async () => {
      const calls = await length();
      for (let at = 1; at <= calls; at++) {
        const { w } = await crashed(at, false);
        await w.rebootRouter();
        const noted = (await w.journal.load("main"))?.phase;
        await w.applier().recover();
        // What was settled before is not recovery's business: the next apply brings it back.
        if (noted === "pending") await expectWhole(w, work, `crash after call ${at} and a restart of the router`);
      }
    });

    // Some hundred lives each: too many for a disk.
    if (make === inMemory)
      it("and another one during recovery leave the old or the new plan", async () => {
        const calls = await length();
        for (let at = 1; at <= calls; at++) {
          for (let again = 1; ; again++) {
            const { w } = await crashed(at, again % 2 === 0);
            const process = new Process(again, at % 2 === 0);
            await w
              .applier(process)
              .recover()
              .catch(() => {});
            await w.applier().recover();
            await expectWhole(w, work, `crash at call ${at}, and at call ${again} of recovery`);
            if (process.calls < again) break;
          }
        }
      });

    it("loses no confirmed change, and makes no unconfirmed one stay", async () => {
      const calls = await length();
      const held = [];
      for (let at = 1; at <= calls; at++) {
        const { w } = await crashed(at, false);
        await w.applier().recover();
        held.push(await w.held({ old: work.from, new: work.to }));
      }
      // Once new, always new: there is one moment at which the change becomes real.
      expect(held.join(" ")).toMatch(/^old( old)* new( new)*$/);
    });
  });
}
