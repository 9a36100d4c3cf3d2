import { beforeEach, describe, expect, it } from "vitest";
import type { RouterState } from "../driver/index.ts";
import { Home, type NetworkPlan } from "../model/index.ts";
import { evening, MemoryDriver, type MemoryDriverOptions, MemoryRouter, memoryJournal, TestClock, workAndPlay } from "../testing/index.ts";
import { Applier } from "./index.ts";

const home = Home.parse({ version: 1, home: { timeZone: "UTC" }, wan: { down: "100 Mbit/s", up: "20 Mbit/s" } });
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let clock: TestClock;
let memory: MemoryRouter;
let journal: ReturnType<typeof memoryJournal>;
beforeEach(() => {
  clock = new TestClock("2026-01-05T10:00:00Z");
  memory = new MemoryRouter();
  journal = memoryJournal();
});

/** A router that takes back what is not confirmed, unless its timer is broken. */
class TimedDriver extends MemoryDriver {
  timerWorks = true;
  override async capabilities() {
    return { ...(await super.capabilities()), rollback: "router" as const };
  }
  override async apply(changes: Parameters<MemoryDriver["apply"]>[0], options?: { confirmWithin: number }): Promise<void> {
    await super.apply(changes);
    if (this.timerWorks && options) void clock.sleep(options.confirmWithin).then(() => super.rollback());
  }
}

const applier = (driver: MemoryDriver, mode: "live" | "preview" = "live") =>
  new Applier({ router: "main", mode, driver, journal, home, clock, log: quiet });
const timed = (options?: MemoryDriverOptions) => new TimedDriver(memory, options);
async function tried(driver: MemoryDriver) {
  const findings = applier(driver).tryWayBack();
  await clock.advance(10 * 60_000);
  return Object.fromEntries((await findings).map(({ check, status, message, remedy }) => [check, { status, message, remedy }]));
}
const bring = async (plan: NetworkPlan) =>
  expect(await applier(new MemoryDriver(memory)).apply(plan, { confirmWithin: 60_000 })).toMatchObject({ result: "confirmed" });

describe("trying the way back", () => {
  it("tells that the router went back by itself, and when", async () => {
    const findings = await tried(timed());
    expect(findings["test change"]).toMatchObject({ status: "ok", message: expect.stringContaining("02:6e:70:00:00:00") });
    expect(findings["way back"]).toMatchObject({ status: "ok", message: expect.stringMatching(/by itself after 6.0 s/) });
    expect(findings["trace of the test"]).toMatchObject({ status: "ok" });
    expect(memory.owned).toEqual({});
  });

  it("finds a router whose timer does not work, and goes back all the same", async () => {
    await bring(evening());
    const before = memory.owned;
    const driver = timed();
    driver.timerWorks = false;
    const findings = await tried(driver);
    expect(findings["way back"]).toMatchObject({ status: "failed", remedy: expect.stringContaining("mode: preview") });
    expect(findings["trace of the test"]).toMatchObject({ status: "ok" });
    expect(memory.owned).toEqual(before);
  });

  it("never says of a router that cannot go back that it did", async () => {
    const findings = await tried(new MemoryDriver(memory));
    expect(findings["way back"]?.message).toMatch(
      /cannot take a change back by itself, so only changes that cannot touch the way to it are made/,
    );
    expect(memory.owned).toEqual({});
  });

  it("finds what is left over", async () => {
    await bring(evening());
    let reads = 0;
    class Sticky extends MemoryDriver {
      override async read(): Promise<RouterState> {
        const state = await super.read();
        // The read after the way back shows something that should be gone.
        return ++reads > 3 ? { ...state, owned: { ...(state.owned as object), "np left": "{}" } } : state;
      }
    }
    expect((await tried(new Sticky(memory)))["trace of the test"]).toMatchObject({
      status: "failed",
      message: expect.stringContaining("np left"),
      remedy: expect.stringContaining("release"),
    });
  });

  it("is no change: the way back to the plan before the last one stays what it was", async () => {
    await bring(workAndPlay());
    await bring(evening());
    await tried(timed());
    expect(await journal.confirmed("main")).toEqual(evening());
    await applier(new MemoryDriver(memory)).rollbackToPrevious();
    expect(await journal.confirmed("main")).toEqual(workAndPlay());
  });

  it("that ended half-way is ended by the next start, with the plan there was", async () => {
    await bring(evening());
    const before = memory.owned;
    const dies = (call: string, when: string) => {
      if (call === "apply" && when === "after") throw new Error("killed");
      if (call === "rollback") throw new Error("killed");
    };
    const findings = await tried(new MemoryDriver(memory, { trouble: dies }));
    expect(findings["test change"]).toMatchObject({ status: "failed", message: "killed" });
    expect(findings["way back"]).toMatchObject({ status: "failed", remedy: expect.stringContaining("before the next change") });
    expect(memory.owned).not.toEqual(before);
    await applier(new MemoryDriver(memory)).recover();
    expect(memory.owned).toEqual(before);
    expect(await journal.confirmed("main")).toEqual(evening());
  });

  it("does not keep us from closing, and is undone then", async () => {
    const subject = applier(timed());
    const findings = subject.tryWayBack();
    await clock.advance(3_000);
    expect(memory.owned).not.toEqual({});
    subject.close();
    expect(await findings).toMatchObject([
      { status: "ok" },
      { status: "failed", message: expect.stringContaining("stopped before") },
      { check: "trace of the test", status: "ok" },
    ]);
    expect(memory.owned).toEqual({});
  });

  it("writes nothing in preview, and nothing over what somebody changed", async () => {
    const [preview] = await applier(new MemoryDriver(memory), "preview").tryWayBack();
    expect(preview).toMatchObject({ status: "warning", message: expect.stringContaining("preview") });
    await bring(evening());
    const { writes } = memory;
    memory.owned = {};
    expect(await tried(timed())).toMatchObject({ "test change": { status: "warning", remedy: expect.stringContaining("apply") } });
    expect(memory.writes).toBe(writes);
  });
});
