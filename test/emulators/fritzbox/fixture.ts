import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverContext, Log, RouterDriver } from "@network-personas/engine/driver";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/fritzbox";
import { type FritzBoxEmulator, type FritzBoxOptions, startFritzBox } from "./index.ts";

export interface Rig {
  emulator: FritzBoxEmulator;
  driver: RouterDriver;
  dataDir: string;
  /** Everything that was logged. */
  logged: string[];
  /** Another driver for the same box and data folder. */
  another(settings?: Record<string, unknown>): Promise<RouterDriver>;
  stop(): Promise<void>;
}

export interface RigOptions extends FritzBoxOptions {
  settings?: Record<string, unknown>;
  context?: Partial<DriverContext>;
}

/** An emulated FRITZ!Box in stepped time with a driver in front of it, two devices of the sample plans, and some of its owner's. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startFritzBox(options);
  emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.178.21", hostname: "alice-laptop" });
  emulator.seedDevice({ mac: sampleMacs.console, ipv4: "192.168.178.22", hostname: "bob-console", wifi: false });
  emulator.seedDevice({ mac: sampleMacs.protected, ipv4: "192.168.178.2", hostname: "engine-host", wifi: false });
  emulator.seedDevice({ mac: "02:00:00:00:00:41", ipv4: "192.168.178.41", hostname: "kids & tablet", blocked: true });
  emulator.seedDevice({ mac: "02:00:00:00:00:42", ipv4: "192.168.178.42", hostname: "old-phone", active: false, priority: true });
  const dataDir = await mkdtemp(join(tmpdir(), "np-fritzbox-"));
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const opened: RouterDriver[] = [];
  const another = async (settings: Record<string, unknown> = {}) => {
    const made = await driver.create({
      settings: {
        id: "main",
        driver: "fritzbox",
        mode: "live",
        url: emulator.url,
        username: options.username ?? "personas",
        password: options.password ?? "correct horse battery",
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
