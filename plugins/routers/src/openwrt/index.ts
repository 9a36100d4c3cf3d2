import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { OpenWrtDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** OpenWrt over ubus JSON-RPC. */
export const driver: DriverModule = {
  create: async (context) => new OpenWrtDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
