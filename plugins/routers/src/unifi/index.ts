import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { UnifiDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** UniFi Network: its private API for policies, the official one for presence. */
export const driver: DriverModule = {
  create: async (context) => new UnifiDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
