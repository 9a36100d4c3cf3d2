import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Home } from "@network-personas/engine/model";
import { evening, sampleApplications, TestClock, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Applier } from "../../engine/src/apply/index.ts";
import { SqliteStore } from "../../engine/src/store/index.ts";
import { VirtualDriver } from "../../plugins/routers/src/virtual/driver.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "np-kill-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

const child = fileURLToPath(new URL("./apply-kill-child.ts", import.meta.url));
const log = { debug() {}, info() {}, warn() {}, error() {} };
const home = Home.parse({ version: 1, home: { timeZone: "UTC" }, wan: { down: "100 Mbit/s", up: "20 Mbit/s" } });

it("a process killed in the midst of changing plans leaves files from which the next one recovers, time after time", {
  timeout: 60_000,
}, async () => {
  let interrupted = 0;
  for (let round = 0; round < 6; round++) {
    const process_ = fork(child, [dataDir], { execArgv: ["--conditions=np-source"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await Promise.race([
      once(process_, "message"),
      once(process_, "exit").then(([code]) => Promise.reject(new Error(`the child ended by itself (${code})`))),
    ]);
    // Different instants of a change that takes some milliseconds.
    await sleep(3 + round * 7);
    process_.kill("SIGKILL");
    await once(process_, "exit");

    JSON.parse(await readFile(join(dataDir, "router.json"), "utf8"));
    const clock = new TestClock(Date.now());
    const driver = new VirtualDriver({
      settings: { id: "main", driver: "virtual" },
      router: "main",
      home: { id: "home" },
      dataDir,
      clock,
      log,
      applications: sampleApplications,
      protectedMacs: new Set(),
    });
    const store = new SqliteStore(join(dataDir, "memory.sqlite"), "home");
    const { journal } = store;
    if ((await journal.load("main"))?.phase === "pending") interrupted++;
    await new Applier({ router: "main", mode: "live", driver, journal, home, clock, log }).recover();
    const state = await driver.read();
    const confirmed = await journal.confirmed("main");
    expect([evening(), workAndPlay()]).toContainEqual(confirmed);
    expect((await driver.plan(confirmed, state)).changes).toEqual([]);
    expect((await journal.load("main"))?.phase).toBe("done");
    await store.close();
  }
  // Nearly all its time is spent inside a change: six kills outside of one would mean that nothing was tested.
  expect(interrupted).toBeGreaterThan(0);
});
