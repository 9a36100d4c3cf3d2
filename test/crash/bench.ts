import { type DriverContext, type DriverModule, loadSupport, type RouterDriver } from "@network-personas/engine/driver";
import { Home } from "@network-personas/engine/model";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import { Applier, type Journal } from "../../engine/src/apply/index.ts";
import { SqliteStore } from "../../engine/src/store/index.ts";
import { LinuxDriver } from "../../plugins/routers/src/linux/driver.ts";
import { localShell, type Shell } from "../../plugins/routers/src/linux/shell.ts";
import { type PlanName, plansWith } from "./plans.ts";
import { clockIn, type Time } from "./time.ts";

/** What is needed to work on a router: by the process that is killed, and by the one after it. */
export interface Orders {
  settings: { driver: string } & Record<string, unknown>;
  /** Program and arguments in front of every command, for a router that is a namespace. */
  prefix?: readonly string[];
  /** The time the router lives in. */
  time: Time;
  dataDir: string;
  /** The plan some of whose restrictions run out. */
  leased?: PlanName;
}

/** The real driver and the real journal on a router. */
export interface Bench {
  driver: RouterDriver;
  journal: Journal;
  applier: Applier;
  /** Applies a plan, to be confirmed within so many ms; what went wrong, or undefined. */
  bring(name: PlanName, confirmWithin?: number): Promise<string | undefined>;
  /** What the router lacks of a plan. */
  open(name: PlanName): Promise<string[]>;
  close(): Promise<void>;
}

const log = { debug() {}, info() {}, warn() {}, error() {} };
const home = Home.parse({ version: 1, home: { timeZone: "UTC" }, wan: { down: "100 Mbit/s", up: "20 Mbit/s" } });

export async function openBench(orders: Orders, gated: (shell: Shell) => Shell = (shell) => shell): Promise<Bench> {
  const { settings, prefix, dataDir } = orders;
  const clock = clockIn(orders.time);
  const plans = plansWith(orders.leased);
  const context: DriverContext = {
    settings: { id: "main", mode: "live", ...settings },
    router: "main",
    home: { id: "home" },
    dataDir,
    clock,
    log,
    applications: sampleApplications,
    protectedMacs: new Set([sampleMacs.protected]),
  };
  const driver = prefix
    ? new LinuxDriver(context, await linuxSupport(), gated(localShell(10_000, prefix)))
    : await ((await import(`@network-personas/routers/${settings.driver}`)) as { driver: DriverModule }).driver.create(context);
  const store = new SqliteStore(`${dataDir}/memory.sqlite`, "home");
  const applier = new Applier({ router: "main", mode: "live", driver, journal: store.journal, home, clock, log });
  return {
    driver,
    journal: store.journal,
    applier,
    async bring(name, confirmWithin = 60_000) {
      const { error } = await applier.apply(plans[name], { confirmWithin, explicit: true });
      return error && `${error.code}: ${error.message}`;
    },
    open: async (name) => (await driver.plan(plans[name], await driver.read())).changes.map((change) => change.summary),
    async close() {
      await driver.close();
      await store.close();
    },
  };
}

const linuxSupport = () => loadSupport(new URL("../../plugins/routers/src/linux/support.yaml", import.meta.url));
