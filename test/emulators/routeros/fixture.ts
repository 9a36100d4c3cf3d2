import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Change, DriverContext, DriverError, Log, RouterDriver } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/routeros";
import { type RouterOsEmulator, type RouterOsOptions, startRouterOs } from "./index.ts";
import type { Row } from "./values.ts";

export interface Rig {
  emulator: RouterOsEmulator;
  driver: RouterDriver;
  dataDir: string;
  /** Everything that was logged. */
  logged: string[];
  /** Another driver for the same router and data folder. */
  another(settings?: Record<string, unknown>): Promise<RouterDriver>;
  /** What the router keeps of ours, and of everybody else, without what it numbers, counts and makes itself. */
  kept(): { owned: unknown; foreign: unknown };
  /** All objects of a menu, and those of ours that are switched on. */
  rows(menu: string): Row[];
  ours(menu: string): Row[];
  apply(plan: NetworkPlan | null, driver?: RouterDriver): Promise<void>;
  /** Applies and confirms. */
  bring(plan: NetworkPlan | null, driver?: RouterDriver): Promise<void>;
  changesTo(plan: NetworkPlan | null): Promise<readonly Change[]>;
  stop(): Promise<void>;
}

/** The error of a call that must fail, in which no secret can be read. */
export async function failureOf(call: () => Promise<unknown>, secret: string): Promise<DriverError> {
  const error = await call().then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.ok(error instanceof Error, "it did not fail");
  assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(secret), "the error tells a secret");
  return error as DriverError;
}

export interface RigOptions extends RouterOsOptions {
  settings?: Record<string, unknown>;
  context?: Partial<DriverContext>;
}

/** An emulated MikroTik router in stepped time with a driver in front of it, and three devices. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startRouterOs(options);
  const { device } = emulator;
  const { username, password } = emulator.account;
  const lease = (mac: string, address: string, name: string) => {
    device.put("ip/dhcp-server/lease", {
      "mac-address": mac.toUpperCase(),
      address,
      "active-address": address,
      "active-mac-address": mac.toUpperCase(),
      "host-name": name,
      status: "bound",
      dynamic: "true",
    });
    device.put("ip/arp", {
      "mac-address": mac.toUpperCase(),
      address,
      interface: "bridge",
      status: "reachable",
      complete: "true",
      dynamic: "true",
    });
  };
  lease(sampleMacs.laptop, "192.168.88.21", "alice-laptop");
  lease(sampleMacs.console, "192.168.88.22", "bob-console");
  device.put("interface/bridge/host", {
    "mac-address": sampleMacs.console.toUpperCase(),
    "on-interface": "ether2",
    bridge: "bridge",
    dynamic: "true",
    local: "false",
  });
  device.put("interface/wifi/registration-table", { "mac-address": sampleMacs.laptop.toUpperCase(), interface: "wifi1", signal: "-51" });
  const dataDir = await mkdtemp(join(tmpdir(), "np-routeros-"));
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const opened: RouterDriver[] = [];
  const another = async (settings: Record<string, unknown> = {}) => {
    const made = await driver.create({
      settings: {
        id: "main",
        driver: "routeros",
        mode: "live",
        url: emulator.url,
        username,
        password,
        ...options.settings,
        ...settings,
      },
      router: "main",
      home: { id: "home" },
      dataDir,
      clock: emulator.time.clock,
      log,
      applications: sampleApplications,
      protectedMacs: new Set([sampleMacs.protected]),
      ...options.context,
    });
    opened.push(made);
    return made;
  };
  const made = await another();
  const apply = async (plan: NetworkPlan | null, by: RouterDriver = made) =>
    by.apply(await by.plan(plan, await by.read()), { confirmWithin: 30_000 });
  return {
    emulator,
    driver: made,
    rows: (menu) => device.rows(menu),
    ours: (menu) => device.rows(menu).filter((row) => isOurs(menu, row) && row.disabled !== "true"),
    apply,
    async bring(plan, by = made) {
      await apply(plan, by);
      await by.confirm();
    },
    changesTo: async (plan) => (await made.plan(plan, await made.read())).changes,
    dataDir,
    logged,
    another,
    kept() {
      const part = (ours: boolean) =>
        [...device.menus].flatMap(([menu, rows]) => {
          const those = rows.filter((row) => row.dynamic !== "true" && isOurs(menu, row) === ours);
          const plain = those.map(({ ".id": _, bytes: __, packets: ___, "next-run": ____, ...row }) => ({
            ...row,
            // Numbers of changes mean nothing.
            ...(row.comment === undefined ? {} : { comment: ours ? row.comment.replace(/ g\d+$/, "") : row.comment }),
          }));
          const sortable = ours ? plain.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : plain;
          return sortable.length > 0 ? [[menu, structuredClone(sortable)]] : [];
        });
      return { owned: part(true), foreign: part(false) };
    },
    async stop() {
      for (const each of opened) await each.close();
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const isOurs = (menu: string, row: Row): boolean =>
  menu === "queue/type" ? row.name!.startsWith("np-") : menu !== "interface/wireguard" && (row.comment ?? "").startsWith("np:");
