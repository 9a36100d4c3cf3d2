import { setTimeout as sleep } from "node:timers/promises";
import { Home } from "@network-personas/engine/model";
import { evening, sampleApplications, workAndPlay } from "@network-personas/engine/testing";
import { Applier } from "../../engine/src/apply/index.ts";
import { SqliteStore } from "../../engine/src/store/index.ts";
import { VirtualDriver } from "../../plugins/routers/src/virtual/driver.ts";

// Started by apply-kill.test.ts: changes plans as fast as it can until it is killed.
const dataDir = process.argv[2]!;
const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }),
};
const log = { debug() {}, info() {}, warn() {}, error() {} };
const settings = { id: "main", driver: "virtual" };
const driver = new VirtualDriver({
  settings,
  router: "main",
  home: { id: "home" },
  dataDir,
  clock,
  log,
  applications: sampleApplications,
  protectedMacs: new Set(),
});
const { journal } = new SqliteStore(`${dataDir}/memory.sqlite`, "home");
const home = Home.parse({ version: 1, home: { timeZone: "UTC" }, wan: { down: "100 Mbit/s", up: "20 Mbit/s" } });
const applier = new Applier({ router: "main", mode: "live", driver, journal, home, clock, log });

await applier.recover();
for (let round = 0; ; round++) {
  const outcome = await applier.apply(round % 2 === 0 ? workAndPlay() : evening(), { confirmWithin: 60_000 });
  if (outcome.error) throw new Error(outcome.error.message);
  if (round === 0) process.send!("running");
}
