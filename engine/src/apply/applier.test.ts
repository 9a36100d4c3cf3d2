import { beforeEach, describe, expect, it } from "vitest";
import { Unreachable, UnsafePlan } from "../driver/index.ts";
import { ApplyOutcome, Home, type NetworkPlan, RouterPreview } from "../model/index.ts";
import {
  evening,
  laptop,
  MemoryDriver,
  type MemoryDriverOptions,
  MemoryRouter,
  memoryJournal,
  neutralDevice,
  samplePlan,
  TestClock,
  workAndPlay,
} from "../testing/index.ts";
import { Applier, type ApplierOptions, type JournalEntry } from "./index.ts";

const home = Home.parse({
  version: 1,
  home: { timeZone: "UTC" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
  devices: [{ id: "engine-host", macs: ["02:00:00:00:00:fe"], infrastructure: true }],
});
const hour = 60 * 60_000;
const confirmWithin = 60_000;

let clock: TestClock;
let memory: MemoryRouter;
let journal: ReturnType<typeof memoryJournal>;
let calls: string[];
let logged: string[];
/** Calls of the driver that fail, by name; a number counts down. */
let failing: Record<string, number>;

beforeEach(() => {
  clock = new TestClock("2026-01-05T10:00:00Z");
  memory = new MemoryRouter();
  calls = [];
  logged = [];
  failing = {};
  journal = memoryJournal((call, when) => {
    if (when === "after") calls.push(call);
  });
});

function applier(options: Partial<ApplierOptions> & { driverOptions?: MemoryDriverOptions } = {}): Applier {
  const trouble = (call: string, when: "before" | "after") => {
    if (when === "before") return;
    calls.push(call);
    if ((failing[call] ?? 0) > 0) {
      failing[call]!--;
      throw new Unreachable("no answer", { router: "main", request: call });
    }
  };
  const note = (level: string) => (message: string) => void logged.push(`${level} ${message}`);
  const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  const driver = new MemoryDriver(memory, { trouble, ...options.driverOptions });
  return new Applier({ router: "main", mode: "live", driver, journal, home, clock, log, ...options });
}
const entry = () => journal.load("main") as Promise<JournalEntry>;
const holds = async (plan: NetworkPlan | null) => {
  const driver = new MemoryDriver(memory);
  return (await driver.plan(plan, await driver.read())).changes.length === 0;
};

describe("a change", () => {
  it("is noted before it is written, read back, proven and confirmed, in this order", async () => {
    const outcome = await applier().apply(workAndPlay(), { confirmWithin });
    expect(ApplyOutcome.parse(outcome)).toMatchObject({ router: "main", result: "confirmed", at: "2026-01-05T10:00:00.000Z" });
    expect(outcome.changes.length).toBeGreaterThan(0);
    expect(outcome.omissions.map((o) => o.field)).toEqual(["device.weight", "device.weight"]);
    const order = calls.filter((call) => !["journal.load", "journal.confirmed"].includes(call));
    expect(order).toEqual(["read", "journal.save", "apply", "read", "identify", "confirm", "journal.saveConfirmed", "journal.save"]);
    expect(await journal.confirmed("main")).toEqual(workAndPlay());
    expect(await entry()).toMatchObject({ phase: "done", previous: null, desired: workAndPlay() });
  });

  it("that changes nothing writes nothing", async () => {
    const subject = applier();
    await subject.apply(workAndPlay(), { confirmWithin });
    calls.length = 0;
    const again = await subject.apply({ ...workAndPlay(), at: "2026-01-05T11:00:00.000Z" }, { confirmWithin });
    expect(again.result).toBe("unchanged");
    expect(calls.filter((call) => !["journal.load", "journal.confirmed", "read"].includes(call))).toEqual([]);
  });

  it("waits its turn", async () => {
    const subject = applier();
    const outcomes = await Promise.all([
      subject.apply(workAndPlay(), { confirmWithin }),
      subject.apply(evening(), { confirmWithin }),
      subject.apply(evening(), { confirmWithin }),
    ]);
    expect(outcomes.map((o) => o.result)).toEqual(["confirmed", "confirmed", "unchanged"]);
    expect(await entry()).toMatchObject({ previous: workAndPlay(), desired: evening() });
  });

  it("keeps the interval the router needs between writes, counted over restarts", async () => {
    await applier().apply(workAndPlay(), { confirmWithin });
    await clock.advance(10_000);
    let outcome: ApplyOutcome | undefined;
    const pending = applier({ driverOptions: { minApplyIntervalMs: 30_000 } })
      .apply(evening(), { confirmWithin })
      .then((result) => {
        outcome = result;
      });
    await clock.advance(19_999);
    expect(outcome).toBeUndefined();
    expect(await holds(workAndPlay())).toBe(true);
    await clock.advance(1);
    await pending;
    expect(outcome).toMatchObject({ result: "confirmed", took: 20_000 });
  });
});

describe("while waiting for the router's interval", () => {
  it("the router may change: what is written is the difference to what it has then", async () => {
    await applier().apply(evening(), { confirmWithin });
    const held = memory.owned;
    await applier().apply(workAndPlay(), { confirmWithin });
    const { writes } = memory;
    const pending = applier({ driverOptions: { minApplyIntervalMs: 30_000 } }).apply(evening(), { confirmWithin });
    await clock.advance(10_000);
    memory.owned = held;
    await clock.advance(20_000);
    expect(await pending).toMatchObject({ result: "unchanged", changes: [] });
    expect(memory.writes).toBe(writes);
  });
});

describe("closing", () => {
  it("ends the wait for the router's interval at once, with nothing written", async () => {
    await applier().apply(workAndPlay(), { confirmWithin });
    const subject = applier({ driverOptions: { minApplyIntervalMs: 30_000 } });
    const pending = subject.apply(evening(), { confirmWithin });
    await clock.advance(1_000);
    subject.close();
    expect(await pending).toMatchObject({ result: "failed", error: { code: "closing" }, took: 1_000 });
    expect(await holds(workAndPlay())).toBe(true);
  });
});

describe("a change that fails", () => {
  for (const call of ["apply", "identify", "confirm"]) {
    it(`at ${call} is undone and says why`, async () => {
      const subject = applier();
      await subject.apply(evening(), { confirmWithin });
      failing = { [call]: 1 };
      const outcome = await subject.apply(workAndPlay(), { confirmWithin });
      expect(outcome).toMatchObject({ result: "rolled-back", error: { code: "unreachable", message: expect.stringContaining(call) } });
      expect(await holds(evening())).toBe(true);
      expect(await journal.confirmed("main")).toEqual(evening());
      expect(await entry()).toMatchObject({ phase: "done", previous: null, desired: evening() });
    });
  }

  it("because the router does not hold what was written is undone", async () => {
    const driver = new MemoryDriver(memory);
    await applier({ driver }).apply(evening(), { confirmWithin });
    const forgetful = new MemoryDriver(memory, {
      trouble: (call, when) => {
        if (call === "apply" && when === "after") memory.owned = { ...memory.owned, "np bob-console": "{}" };
      },
    });
    const outcome = await applier({ driver: forgetful }).apply(workAndPlay(), { confirmWithin });
    expect(outcome).toMatchObject({
      result: "rolled-back",
      error: { code: "read-back-mismatch", message: expect.stringContaining("bob-console") },
    });
    expect(await holds(evening())).toBe(true);
  });

  it("and cannot be undone stays noted, and is undone before the next change", async () => {
    const subject = applier();
    await subject.apply(evening(), { confirmWithin });
    failing = { identify: 1, rollback: 1 };
    const outcome = await subject.apply(workAndPlay(), { confirmWithin });
    expect(outcome).toMatchObject({
      result: "failed",
      error: { message: expect.stringMatching(/identify.*undoing it failed too.*rollback/) },
    });
    expect((await entry()).phase).toBe("pending");
    expect(await subject.apply(evening(), { confirmWithin })).toMatchObject({ result: "unchanged" });
    expect((await entry()).phase).toBe("done");
  });

  it("before anything was written is no rollback", async () => {
    failing = { read: 1 };
    const outcome = await applier().apply(workAndPlay(), { confirmWithin });
    expect(outcome).toMatchObject({ result: "failed", changes: [], error: { code: "unreachable" } });
    expect(calls).not.toContain("journal.save");
    expect(calls).not.toContain("rollback");
  });

  it("because it cannot be noted is not made", async () => {
    const full = memoryJournal((call, when) => {
      if (call === "journal.save" && when === "before") throw new Error("disk full");
    });
    const outcome = await applier({ journal: full }).apply(workAndPlay(), { confirmWithin });
    expect(outcome).toMatchObject({ result: "failed", error: { message: "disk full" } });
    expect(memory.writes).toBe(0);
  });
});

describe("after two changes in a row that had to be undone", () => {
  async function twice(): Promise<Applier> {
    const subject = applier();
    failing = { identify: 2 };
    await subject.apply(workAndPlay(), { confirmWithin });
    expect(subject.restingUntil).toBeNull();
    await subject.apply(workAndPlay(), { confirmWithin });
    return subject;
  }

  it("the router is left alone for an hour", async () => {
    const subject = await twice();
    expect(subject.restingUntil).toBe(Date.parse("2026-01-05T11:00:00Z"));
    const { writes } = memory;
    expect(await subject.apply(workAndPlay(), { confirmWithin })).toMatchObject({
      result: "failed",
      error: { code: "resting", message: expect.stringContaining("2026-01-05T11:00:00.000Z") },
    });
    await clock.advance(hour - 1);
    expect((await subject.apply(workAndPlay(), { confirmWithin })).error?.code).toBe("resting");
    expect(memory.writes).toBe(writes);
    await clock.advance(1);
    expect((await subject.apply(workAndPlay(), { confirmWithin })).result).toBe("confirmed");
  });

  it("an owner may try at once", async () => {
    const subject = await twice();
    expect((await subject.apply(workAndPlay(), { confirmWithin, explicit: true })).result).toBe("confirmed");
    expect(subject.restingUntil).toBeNull();
  });

  it("everything of ours can still be removed", async () => {
    await applier().apply(evening(), { confirmWithin });
    const subject = await twice();
    expect((await subject.release()).result).toBe("confirmed");
    expect(memory.owned).toEqual({});
  });

  it("a change that stays in between starts the count anew", async () => {
    const subject = applier();
    for (const plan of [workAndPlay(), evening()]) {
      failing = { identify: 1 };
      expect((await subject.apply(plan, { confirmWithin })).result).toBe("rolled-back");
      expect((await subject.apply(plan, { confirmWithin })).result).toBe("confirmed");
    }
    expect(subject.restingUntil).toBeNull();
  });
});

describe("safety", () => {
  it("a plan that cuts off infrastructure or exceeds the line never reaches the router", async () => {
    const plans = [
      samplePlan([neutralDevice("engine-host", ["02:00:00:00:00:fe"], { blocked: true })]),
      samplePlan([laptop()], { shaper: { down: 100_001, up: 1_000 } }),
    ];
    for (const plan of plans) {
      expect(await applier().apply(plan, { confirmWithin })).toMatchObject({ result: "failed", error: { code: "unsafe-plan" } });
      await expect(applier().preview(plan)).rejects.toThrow(UnsafePlan);
    }
    expect(memory.writes).toBe(0);
    expect(calls).not.toContain("journal.save");
  });

  it("in preview nothing is written, whatever is asked", async () => {
    memory.owned = { "np left-over": "{}" };
    const subject = applier({ mode: "preview" });
    const outcomes = [await subject.apply(workAndPlay(), { confirmWithin }), await subject.release()];
    expect(outcomes.map((o) => o.result)).toEqual(["previewed", "failed"]);
    // Who is about to uninstall must not believe that nothing is left.
    expect(outcomes[1]!.error).toMatchObject({ code: "left-in-preview", message: expect.stringContaining("set its mode to live") });
    expect(outcomes[0]!.changes.length).toBeGreaterThan(0);
    expect(outcomes[1]!.changes).toMatchObject([{ action: "remove", target: "np left-over" }]);
    const preview = RouterPreview.parse(await subject.preview(workAndPlay()));
    expect(preview).toMatchObject({ router: "main", mode: "preview", changes: outcomes[0]!.changes });
    expect(memory.writes).toBe(0);
    expect(calls.filter((call) => call !== "read")).toEqual([]);
  });
});

describe("going back", () => {
  it("returns to the plan before the last change, and forward again", async () => {
    const subject = applier();
    await subject.apply(evening(), { confirmWithin });
    await subject.apply(workAndPlay(), { confirmWithin });
    expect((await subject.rollbackToPrevious()).result).toBe("confirmed");
    expect(await holds(evening())).toBe(true);
    expect((await applier().rollbackToPrevious()).result).toBe("confirmed");
    expect(await holds(workAndPlay())).toBe(true);
  });

  it("from the first change leads to nothing of ours", async () => {
    const subject = applier();
    await subject.apply(evening(), { confirmWithin });
    expect((await subject.rollbackToPrevious()).result).toBe("confirmed");
    expect(memory.owned).toEqual({});
    expect(await journal.confirmed("main")).toBeNull();
  });

  it("with nothing to go back to says so", async () => {
    expect(await applier().rollbackToPrevious()).toMatchObject({ result: "failed", error: { code: "no-previous-plan" } });
  });
});

describe("recovery", () => {
  const blocking = samplePlan([neutralDevice("engine-host", ["02:00:00:00:00:fe"], { blocked: true })]);
  const interrupted = (previous: NetworkPlan | null, desired: NetworkPlan | null) =>
    journal.save({ router: "main", previous, desired, phase: "pending", at: "2026-01-05T09:00:00.000Z" });
  const careful = { driverOptions: { protectedMacs: new Set(["02:00:00:00:00:fe"]) } };

  it("does not return to a plan that would be refused today: nothing of ours stays", async () => {
    await applier().apply(evening(), { confirmWithin });
    await interrupted(blocking, workAndPlay());
    expect(await applier(careful).recover()).toBe("undone");
    expect(memory.owned).toEqual({});
    expect(await journal.confirmed("main")).toBeNull();
  });

  it("does not finish a plan that would be refused today", async () => {
    await applier().apply(evening(), { confirmWithin });
    await interrupted(evening(), blocking);
    expect(await applier(careful).recover()).toBe("undone");
    expect(await holds(evening())).toBe(true);
  });

  it("that cannot reach the router leaves the note for the next time", async () => {
    await interrupted(null, evening());
    failing = { rollback: 1 };
    await expect(applier().recover()).rejects.toThrow(Unreachable);
    expect((await entry()).phase).toBe("pending");
    expect(await applier().recover()).toBe("undone");
  });
});

describe("release", () => {
  it("removes everything of ours and says what it was", async () => {
    const subject = applier();
    await subject.apply(evening(), { confirmWithin });
    const outcome = await subject.release();
    expect(outcome).toMatchObject({ result: "confirmed", changes: [{ action: "remove" }, { action: "remove" }, { action: "remove" }] });
    expect(memory.owned).toEqual({});
    expect(await journal.confirmed("main")).toBeNull();
    expect((await subject.release()).result).toBe("unchanged");
  });

  it("that fails is finished later, not undone", async () => {
    await applier().apply(evening(), { confirmWithin });
    const unwilling = (call: string) => {
      if (call === "release") throw new Unreachable("no answer", { router: "main", request: call });
    };
    const outcome = await applier({ driverOptions: { trouble: unwilling } }).release();
    expect(outcome).toMatchObject({
      result: "failed",
      error: { code: "unreachable", message: expect.stringContaining("removed before the next change") },
    });
    expect(await holds(evening())).toBe(true);
    expect(await applier().recover()).toBe("finished");
    expect(memory.owned).toEqual({});
    expect(await journal.confirmed("main")).toBeNull();
  });
});
