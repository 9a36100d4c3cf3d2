import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { LinuxDriver } from "./driver.ts";

/** A Linux machine as the router, on which the engine runs. */
export const driver: DriverModule = {
  create: async (context) => new LinuxDriver(context, await loadSupport(new URL("./support.yaml", import.meta.url))),
};
