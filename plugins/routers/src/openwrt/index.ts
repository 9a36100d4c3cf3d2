import { type DriverModule, loadSupport } from "@network-personas/engine/driver";
import { OpenWrtDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** OpenWrt over ubus JSON-RPC. */
export const driver: DriverModule = {
  create: async (context) => {
    const [support, withAgent] = await Promise.all(
      ["./support.yaml", "./agent/support.yaml"].map((file) => loadSupport(new URL(file, import.meta.url))),
    );
    return new OpenWrtDriver(context, support!, withAgent!);
  },
  welcome,
};
