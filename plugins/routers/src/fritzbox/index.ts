import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { FritzBoxDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** FRITZ!Box over TR-064. */
export const driver: DriverModule = {
  create: async (context) => new FritzBoxDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
