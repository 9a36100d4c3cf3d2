import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AuthFailed, Unreachable } from "../driver/index.ts";
import { type ApplyOutcome, Home, type RouterStatus } from "../model/index.ts";
import { SqliteStore } from "../store/index.ts";
import { evening, MemoryDriver, MemoryRouter, TestClock, workAndPlay } from "../testing/index.ts";
import { RouterDesk } from "./router-desk.ts";
import { Secrets } from "./secrets.ts";
import { silentLog } from "./system.ts";

const home = Home.parse({
  version: 1,
  home: { id: "home", name: "Home", timeZone: "Europe/Berlin" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
  routers: [{ id: "main", driver: "memory", mode: "live" }],
});

let clock: TestClock;
let memory: MemoryRouter;
let store: SqliteStore;
let outcomes: ApplyOutcome[];
let statuses: RouterStatus[];
let lines: string[];
/** What happens before a call of the driver. */
let before: (call: string) => Promise<void> | void;
let created: number;
/** What the last driver was told. */
let settings: Readonly<Record<string, unknown>>;
let desk: RouterDesk;

/** Its router lets leases run out; here only what is asked of it is counted. */
class LeasingDriver extends MemoryDriver {
  override capabilities = async () => ({ ...(await super.capabilities()), leases: true });
  async renew(): Promise<void> {
    await before("renew");
    renewals++;
  }
}
let renewals: number;
/** How long its router wants to be left alone between two changes. */
let minApplyIntervalMs: number;

const newDesk = (config = home.routers[0]!) =>
  new RouterDesk({
    config,
    home,
    applications: new Map(),
    dataDir: "/nowhere",
    store,
    secrets: new Secrets("/nowhere"),
    resolver: async () => ({
      create: async (context) => {
        created++;
        settings = context.settings;
        return new LeasingDriver(memory, {
          minApplyIntervalMs,
          trouble: (call, when) => (when === "before" ? before(call) : undefined),
        });
      },
    }),
    clock,
    log: { ...silentLog, warn: (line) => void lines.push(line), info: (line) => void lines.push(line) },
    onStatus: (status) => statuses.push(status),
    onOutcome: (outcome) => outcomes.push(outcome),
  });

beforeEach(() => {
  clock = new TestClock("2026-01-05T10:00:00Z");
  memory = new MemoryRouter();
  store = new SqliteStore(":memory:", "home");
  [outcomes, statuses, lines, created, renewals, minApplyIntervalMs] = [[], [], [], 0, 0, 0];
  before = () => {};
  desk = newDesk();
});
afterEach(async () => {
  before = () => {};
  await desk.close();
  await store.close();
});

/** Holds the next such call until let go. */
function gate(name: string): { reached: Promise<void>; open(): void } {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  before = async (call) => {
    if (call !== name) return;
    before = () => {};
    reached.resolve();
    await opened.promise;
  };
  return { reached: reached.promise, open: opened.resolve };
}
const unreachable = () => {
  throw new Unreachable("no answer within 5 s", { router: "main" });
};

describe("a plan on its way", () => {
  it("is followed by the newest only", async () => {
    const { reached, open } = gate("apply");
    const first = desk.bringTo(workAndPlay());
    await reached;
    void desk.bringTo(evening());
    const last = desk.bringTo(workAndPlay());
    open();
    await Promise.all([first, last]);
    expect(desk.previous).toEqual(workAndPlay());
    expect(memory.writes).toBe(1);
  });
  it("is finished once the router answers, when it did not answer to a release, also after a restart", async () => {
    await desk.bringTo(evening());
    before = unreachable;
    expect(await desk.release()).toMatchObject({ result: "failed", error: { code: "unreachable" } });
    expect(desk.keepsOurs).toBe(true);
    await desk.finishRelease();
    expect(Object.keys(memory.owned)).not.toEqual([]);
    await desk.close();
    desk = newDesk();
    before = () => {};
    await desk.finishRelease();
    expect([desk.keepsOurs, memory.owned]).toEqual([false, {}]);
    const attempts = outcomes.length;
    await desk.finishRelease();
    expect(outcomes).toHaveLength(attempts);
  });
  it("is not tried again by itself when only its owner can mend what a release failed of", async () => {
    await desk.bringTo(evening());
    before = () => {
      throw new AuthFailed("wrong password", { router: "main" });
    };
    expect(await desk.release()).toMatchObject({ result: "failed", error: { code: "auth-failed" } });
    before = (call) => expect.fail(`asked to ${call}`);
    await desk.finishRelease();
    expect(desk.keepsOurs).toBe(true);
  });
  it("has nothing to undo before the first change, which is no failure of the router", async () => {
    expect(await desk.rollback()).toMatchObject({ result: "failed", error: { code: "no-previous-plan" } });
    expect([outcomes, desk.status().lastOutcome]).toEqual([[], null]);
  });
  it("does not come back after a release, nor does one that waited", async () => {
    const { reached, open } = gate("apply");
    void desk.bringTo(workAndPlay());
    await reached;
    void desk.bringTo(evening());
    const release = desk.release();
    open();
    expect((await release).result).toBe("confirmed");
    await clock.advance(60_000);
    expect(memory.owned).toEqual({});
    expect(desk.previous).toBeNull();
  });
  it("is finished before the desk closes, and what waited is not begun", async () => {
    const { reached, open } = gate("apply");
    const first = desk.bringTo(workAndPlay());
    await reached;
    void desk.bringTo(evening());
    const closed = desk.close();
    open();
    await closed;
    expect((await first).result).toBe("confirmed");
    expect(await store.journal.confirmed("main")).toEqual(workAndPlay());
  });
  it("is not begun when the router is to stay as it is before it may be written again", async () => {
    minApplyIntervalMs = 30_000;
    await desk.bringTo(workAndPlay());
    const told = outcomes.length;
    const waiting = desk.bringTo(evening());
    await clock.advance(10_000);
    desk.leaveAsItIs();
    await clock.advance(60_000);
    expect(await waiting).toMatchObject({ result: "failed", error: { code: "called-off" } });
    expect([memory.writes, outcomes.length, desk.status().error]).toEqual([1, told, null]);
    expect(desk.previous).toEqual(workAndPlay());
    expect((await desk.bringTo(evening())).result).toBe("confirmed");
  });
  it("takes back what the router has when undone before it was begun", async () => {
    minApplyIntervalMs = 30_000;
    await desk.bringTo(workAndPlay());
    void desk.bringTo(evening());
    const undone = desk.rollback();
    for (let i = 0; i < 4; i++) await clock.advance(30_000);
    expect((await undone).result).toBe("confirmed");
    expect([memory.owned, memory.writes]).toEqual([{}, 2]);
  });
  it("keeps a person's wish to try at once though a plan of the engine's own is on its way", async () => {
    before = (call) => {
      if (call === "apply") throw new Error("no");
    };
    await desk.bringTo(workAndPlay());
    await desk.bringTo(workAndPlay());
    expect((await desk.bringTo(workAndPlay())).error?.code).toBe("resting");
    const { reached, open } = gate("read");
    const tired = desk.bringTo(workAndPlay());
    await reached;
    const asked = desk.bringTo(evening(), true);
    open();
    await Promise.all([tired, asked]);
    expect(desk.previous).toEqual(evening());
  });
});

describe("what runs out unless it is renewed", () => {
  const leasing = () => ({
    ...evening(),
    devices: evening().devices.map((device) => ({ ...device, firewall: "strict" as const, leased: ["firewall"] })),
  });

  const later = async () => {
    await clock.advance(5 * 60_000);
    await desk.tend();
  };

  it("is renewed while the plan has some of it, and never in preview", async () => {
    await desk.bringTo(evening());
    await later();
    expect(renewals).toBe(0);
    await desk.bringTo(leasing());
    await later();
    expect(renewals).toBe(1);
    await desk.release();
    await later();
    expect(renewals).toBe(1);
    const previewing = newDesk({ ...home.routers[0]!, mode: "preview" });
    await previewing.bringTo(leasing());
    await previewing.tend();
    await previewing.close();
    expect(renewals).toBe(1);
  });
  it("is renewed while the router is to stay as it is, too, which it is not compared then", async () => {
    await desk.bringTo(leasing());
    memory.owned = { ...memory.owned, "np-foreign": "somebody else's" };
    const reads = vi.fn();
    before = (call) => void (call === "read" && reads());
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await clock.advance(5 * 60_000);
      await desk.tend({ asItIs: true });
    }
    expect([renewals, reads.mock.calls.length]).toEqual([12, 0]);
  });
  it("is left alone while a plan is being applied, and a router that does not answer is no disaster", async () => {
    await desk.bringTo(leasing());
    const { reached, open } = gate("apply");
    const working = desk.bringTo(evening());
    await reached;
    await later();
    expect(renewals).toBe(0);
    open();
    await working;
    await desk.bringTo(leasing());
    before = (call) => (call === "renew" ? unreachable() : undefined);
    await later();
    expect(desk.status()).toMatchObject({ reachable: false });
  });
});

describe("a closed desk", () => {
  it("does nothing more and tells nobody", async () => {
    await desk.open();
    await desk.close();
    const told = statuses.length;
    expect((await desk.bringTo(workAndPlay())).error?.code).toBe("closing");
    await expect(desk.clients()).rejects.toThrow(/closed or edited/);
    desk.noteFailure(new Error("late"));
    expect([memory.writes, outcomes, statuses.length]).toEqual([0, [], told]);
  });
});

describe("a router that cannot be reached", () => {
  it("is told once, asked again after a while, and gets the newest plan when it is back", async () => {
    before = unreachable;
    for (let i = 0; i < 3; i++) await desk.bringTo(workAndPlay());
    expect(desk.status()).toMatchObject({ reachable: false, error: { code: "unreachable" } });
    expect([created, lines.length, outcomes.length]).toEqual([1, 1, 1]);
    await clock.advance(15_000);
    before = () => {};
    expect((await desk.bringTo(evening())).result).toBe("confirmed");
    expect(desk.status()).toMatchObject({ reachable: true, error: null });
    expect(lines).toEqual([expect.stringMatching(/^router main: .*no answer/), "router main: answers again"]);
  });
  it("is known as such when it goes away later", async () => {
    await desk.open();
    before = unreachable;
    await desk.bringTo(workAndPlay());
    expect(desk.status()).toMatchObject({ reachable: false, error: { code: "unreachable" } });
  });
  it("is not left alone for a day because the clock was set back", async () => {
    let now = clock.now();
    Object.assign(clock, { now: () => now });
    before = unreachable;
    await expect(desk.open()).rejects.toThrow();
    now -= 24 * 60 * 60_000;
    before = () => {};
    await desk.open();
    expect(desk.status().reachable).toBe(true);
  });
  it("is given its secrets, not their names", async () => {
    vi.stubEnv("NP_TEST_ROUTER", "hunter2");
    vi.stubEnv("NP_TEST_KEY", "key of the official API");
    await desk.close();
    desk = newDesk({ ...home.routers[0]!, password: { env: "NP_TEST_ROUTER" }, apiKey: { env: "NP_TEST_KEY" } });
    await desk.open();
    expect(settings).toMatchObject({ password: "hunter2", apiKey: "key of the official API", id: "main" });
    vi.unstubAllEnvs();
  });
  it("is not logged in to again and again when the password is wrong, until somebody asks", async () => {
    before = () => {
      throw new AuthFailed("wrong password", { router: "main" });
    };
    await expect(desk.open()).rejects.toThrow();
    await clock.advance(24 * 60 * 60_000);
    await expect(desk.open()).rejects.toThrow(/wrong password/);
    expect(created).toBe(1);
    before = () => {};
    desk.retryNow();
    await desk.open();
    expect(created).toBe(2);
  });
});
