import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { RouterOsDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** MikroTik RouterOS 7 over its REST API: firewall by MAC address, a queue for each device, and a way back in its scheduler. */
export const driver: DriverModule = {
  create: async (context) => new RouterOsDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
