import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverContext, Log, RouterDriver } from "@network-personas/engine/driver";
import { sampleApplications, sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/openwrt";
import { AgentProcess } from "./agent.ts";
import { type OpenWrtEmulator, type OpenWrtOptions, startOpenWrt, steppedTime } from "./index.ts";
import type { AclGroup } from "./sessions.ts";

const aclFile = new URL("../../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url);

/** The ACL file the driver ships, with the right to one tunnel as its README says. */
export async function shippedAcl(tunnel?: string): Promise<Record<string, AclGroup>> {
  const groups = JSON.parse(await readFile(aclFile, "utf8")) as Record<string, AclGroup>;
  return tunnel
    ? { ...groups, "network-personas-tunnels": { write: { ubus: { [`network.interface.${tunnel}`]: ["up", "down"] } } } }
    : groups;
}

export interface Rig {
  emulator: OpenWrtEmulator;
  driver: RouterDriver;
  /** The agent, when it is installed. */
  agent: AgentProcess | undefined;
  /** Everything that was logged. */
  logged: string[];
  /** Another driver for the same router and data folder. */
  another(settings?: Record<string, unknown>): Promise<RouterDriver>;
  stop(): Promise<void>;
}

export interface RigOptions extends OpenWrtOptions {
  /** Install the agent: needs root, nft, tc and BusyBox. */
  withAgent?: boolean;
  settings?: Record<string, unknown>;
  context?: Partial<DriverContext>;
}

/** An emulated router with a driver in front of it, in stepped time, with the account the driver's ACL file describes. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const time = options.time ?? steppedTime();
  const agent = options.withAgent ? await AgentProcess.start(time.now()) : undefined;
  const emulator = await startOpenWrt({ ...(agent ? { agent } : {}), acl: await shippedAcl("wg0"), ...options, time });
  const dataDir = await mkdtemp(join(tmpdir(), "np-openwrt-"));
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const opened: RouterDriver[] = [];
  const another = async (settings: Record<string, unknown> = {}) => {
    const made = await driver.create({
      settings: {
        id: "main",
        driver: "openwrt",
        mode: "live",
        url: emulator.url,
        username: emulator.username,
        password: emulator.password,
        requestTimeout: "PT8S",
        ...options.settings,
        ...settings,
      },
      router: "main",
      home: { id: "home" },
      dataDir,
      clock: time.clock,
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
    agent,
    logged,
    another,
    async stop() {
      for (const each of opened) await each.close();
      await emulator.stop();
      await agent?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
