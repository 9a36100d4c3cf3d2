import { readFile } from "node:fs/promises";
import { driver } from "@network-personas/routers/openwrt";
import { type DriverRig, type DriverRigOptions, driverRig } from "../shared/rig.ts";
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

export interface Rig extends DriverRig {
  emulator: OpenWrtEmulator;
  /** The agent, when it is installed. */
  agent: AgentProcess | undefined;
}

export interface RigOptions extends OpenWrtOptions, DriverRigOptions {
  /** Install the agent: needs root, nft, tc and BusyBox. */
  withAgent?: boolean;
}

/** An emulated router with a driver in front of it, in stepped time, with the account the driver's ACL file describes. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const time = options.time ?? steppedTime();
  const agent = options.withAgent ? await AgentProcess.start(time.now()) : undefined;
  const emulator = await startOpenWrt({ ...(agent ? { agent } : {}), acl: await shippedAcl("wg0"), ...options, time });
  const { url, username, password } = emulator;
  const settings = { driver: "openwrt", url, username, password, requestTimeout: "PT8S" };
  const drivers = await driverRig(driver, emulator, settings, options);
  return {
    ...drivers,
    emulator,
    agent,
    async stop() {
      await drivers.stop();
      await agent?.stop();
    },
  };
}
