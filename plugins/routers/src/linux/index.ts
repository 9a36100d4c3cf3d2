import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { LinuxDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** A Linux machine as the router: the one the engine runs on, or another one over SSH. */
export const driver: DriverModule = {
  create: async (context) => new LinuxDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
  welcome,
};
