import { sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/unifi";
import { type DriverRig, type DriverRigOptions, driverRig } from "../shared/rig.ts";
import { startUnifi, type UnifiEmulator, type UnifiOptions } from "./index.ts";

export interface Rig extends DriverRig {
  emulator: UnifiEmulator;
}

export type RigOptions = UnifiOptions & DriverRigOptions;

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
  const drivers = await driverRig(driver, emulator, { driver: "unifi", url: emulator.url, username, password }, options);
  return { ...drivers, emulator };
}
