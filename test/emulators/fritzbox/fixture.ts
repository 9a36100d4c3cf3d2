import { sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/fritzbox";
import { type DriverRig, type DriverRigOptions, driverRig } from "../shared/rig.ts";
import { type FritzBoxEmulator, type FritzBoxOptions, startFritzBox } from "./index.ts";

export interface Rig extends DriverRig {
  emulator: FritzBoxEmulator;
}

export type RigOptions = FritzBoxOptions & DriverRigOptions;

/** An emulated FRITZ!Box in stepped time with a driver in front of it, two devices of the sample plans, and some of its owner's. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startFritzBox(options);
  emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.178.21", hostname: "alice-laptop" });
  emulator.seedDevice({ mac: sampleMacs.console, ipv4: "192.168.178.22", hostname: "bob-console", wifi: false });
  emulator.seedDevice({ mac: sampleMacs.protected, ipv4: "192.168.178.2", hostname: "engine-host", wifi: false });
  emulator.seedDevice({ mac: "02:00:00:00:00:41", ipv4: "192.168.178.41", hostname: "kids & tablet", blocked: true });
  emulator.seedDevice({ mac: "02:00:00:00:00:42", ipv4: "192.168.178.42", hostname: "old-phone", active: false, priority: true });
  const { username = "personas", password = "correct horse battery" } = options;
  const drivers = await driverRig(driver, emulator, { driver: "fritzbox", url: emulator.url, username, password }, options);
  return { ...drivers, emulator };
}
