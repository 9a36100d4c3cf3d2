import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { AsusDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** ASUS routers with ASUSWRT, the maker's or Merlin's, over the interface of their app. */
export const driver: DriverModule = {
  create: async (context) => new AsusDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
