import { sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/asuswrt";
import { type DriverRig, type DriverRigOptions, driverRig } from "../shared/rig.ts";
import { type AsusEmulator, type AsusOptions, startAsus } from "./index.ts";

export interface Rig extends DriverRig {
  emulator: AsusEmulator;
}

export type RigOptions = AsusOptions & DriverRigOptions;

/** Devices the owner has rules for: one blocked, one by a schedule, one limited. */
export const ownersMacs = { tablet: "02:00:00:00:00:41", phone: "02:00:00:00:00:42", guest: "02:00:00:00:00:43" } as const;

/** Rules an owner may have made by hand: parental control is on, QoS is off. */
export const ownersRules = {
  MULTIFILTER_ALL: "1",
  MULTIFILTER_ENABLE: "2>1",
  MULTIFILTER_MAC: "02:00:00:00:00:41>02:00:00:00:00:42",
  MULTIFILTER_DEVICENAME: 'Kinder-Täblet & "Co"\\>2 phones',
  MULTIFILTER_MACFILTER_DAYTIME_V2: "W03E21000700<W04122000800>W13E21000700<W14122000800",
  qos_bw_rulelist: "0>02:00:00:00:00:43>2048>1024>0",
  dhcp_static_x: "1",
  dhcp_staticlist: "<02:00:00:00:00:11>192.168.50.21>>alice-laptop<02:00:00:00:00:43>192.168.50.43>>",
  wgc1_enable: "1",
  wgc1_enforce: "1",
  wgc1_dns: "10.2.0.1",
  wgc1_priv: "not to be shown",
  wgc2_enable: "1",
  wgc2_enforce: "0",
  vpndirector_rulelist: "<1>Gäste>192.168.50.43>>WGC2<0>all day>192.168.50.0/24>1.2.3.4>WAN",
};

/** An emulated ASUS router in stepped time with a driver in front of it, some rules of its owner's, and four devices. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startAsus({ ...options, nvram: { ...ownersRules, ...options.nvram } });
  emulator.seedStation({ mac: sampleMacs.laptop, ip: "192.168.50.21", nickName: "alice-laptop" });
  emulator.seedStation({ mac: sampleMacs.console, ip: "192.168.50.22", name: "bob-console", isWL: "0" });
  emulator.seedStation({ mac: sampleMacs.tv, name: "tv", isOnline: "0" });
  emulator.seedStation({ mac: ownersMacs.tablet, ip: "192.168.50.41", name: "Kinder-Täblet" });
  const { username, password } = emulator.sessions.account;
  const drivers = await driverRig(driver, emulator, { driver: "asuswrt", url: emulator.url, username, password }, options);
  return { ...drivers, emulator };
}
