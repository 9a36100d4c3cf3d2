import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChangeSet, DriverContext, DriverError, DriverModule, Log, RouterDriver } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import type { RouterTime } from "./time.ts";

/** Drivers in front of one emulated router, with one data folder. */
export interface DriverRig {
  driver: RouterDriver;
  dataDir: string;
  /** Everything that was logged. */
  logged: string[];
  /** Another driver for the same router and data folder. */
  another(settings?: Record<string, unknown>): Promise<RouterDriver>;
  /** The difference between a plan and the router as it is. */
  planned(plan: NetworkPlan | null, by?: RouterDriver): Promise<ChangeSet>;
  /** Brings the router to a plan, unconfirmed. */
  apply(plan: NetworkPlan | null, by?: RouterDriver): Promise<void>;
  /** Brings the router to a plan for good. */
  bring(plan: NetworkPlan | null, by?: RouterDriver): Promise<void>;
  stop(): Promise<void>;
}

/** What a test may want otherwise. */
export interface DriverRigOptions {
  settings?: Record<string, unknown>;
  context?: Partial<DriverContext>;
}

/** Puts a driver in front of an emulator, in its time. `settings`: how home.yaml names it, besides id and mode. */
export async function driverRig(
  module: DriverModule,
  emulator: { time: RouterTime; stop(): Promise<void> },
  settings: { driver: string; [field: string]: unknown },
  given: DriverRigOptions,
): Promise<DriverRig> {
  const dataDir = await mkdtemp(join(tmpdir(), `np-${settings.driver}-`));
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const opened: RouterDriver[] = [];
  const another = async (more: Record<string, unknown> = {}) => {
    const made = await module.create({
      settings: { id: "main", mode: "live", ...settings, ...given.settings, ...more },
      router: "main",
      home: { id: "home" },
      dataDir,
      clock: emulator.time.clock,
      log,
      applications: sampleApplications,
      protectedMacs: new Set([sampleMacs.protected]),
      ...given.context,
    });
    opened.push(made);
    return made;
  };
  const driver = await another();
  const planned = async (plan: NetworkPlan | null, by = driver) => by.plan(plan, await by.read());
  const apply = async (plan: NetworkPlan | null, by = driver) => by.apply(await planned(plan, by), { confirmWithin: 30_000 });
  return {
    driver,
    dataDir,
    logged,
    another,
    planned,
    apply,
    async bring(plan, by = driver) {
      await apply(plan, by);
      await by.confirm();
    },
    async stop() {
      for (const each of opened) await each.close();
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The error a call must end with, in which none of the secrets can be read. */
export async function failureOf<E extends Error = DriverError>(call: () => Promise<unknown>, ...secrets: readonly string[]): Promise<E> {
  const error = await call().then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.ok(error instanceof Error, "it did not fail");
  const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
  assert.ok(!secrets.some((secret) => told.includes(secret)), "the error tells a secret");
  return error as E;
}
