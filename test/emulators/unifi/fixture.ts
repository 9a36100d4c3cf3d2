import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverContext, Log, RouterDriver } from "@network-personas/engine/driver";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/unifi";
import { startUnifi, type UnifiEmulator, type UnifiOptions } from "./index.ts";

export interface Rig {
  emulator: UnifiEmulator;
  driver: RouterDriver;
  dataDir: string;
  /** Everything that was logged. */
  logged: string[];
  /** Another driver for the same console and data folder. */
  another(settings?: Record<string, unknown>): Promise<RouterDriver>;
  stop(): Promise<void>;
}

export interface RigOptions extends UnifiOptions {
  settings?: Record<string, unknown>;
  context?: Partial<DriverContext>;
}

/** An emulated UniFi console in stepped time with a driver in front of it, and three stations. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startUnifi(options);
  emulator.seedStation({ mac: sampleMacs.laptop, ip: "192.168.1.21", hostname: "alice-laptop", rx_bytes: 1_000, tx_bytes: 9_000 });
  emulator.seedStation({
    mac: sampleMacs.console,
    ip: "192.168.1.22",
    name: "bob-console",
    is_wired: true,
    "wired-rx_bytes": 2_000,
    "wired-tx_bytes": 80_000,
  });
  emulator.seedStation({ mac: sampleMacs.tv, hostname: "tv" });
  const { username, password } = emulator.sessions.account;
  const dataDir = await mkdtemp(join(tmpdir(), "np-unifi-"));
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const opened: RouterDriver[] = [];
  const another = async (settings: Record<string, unknown> = {}) => {
    const made = await driver.create({
      settings: {
        id: "main",
        driver: "unifi",
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
  return {
    emulator,
    driver: await another(),
    dataDir,
    logged,
    another,
    async stop() {
      for (const each of opened) await each.close();
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
