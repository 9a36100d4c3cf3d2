import type { DriverModule } from "@network-personas/engine/driver";
import { VirtualDriver } from "./driver.ts";
import { welcome } from "./welcome.ts";

/** A router that exists only on disk: full capabilities, real rollback, simulated clients and traffic. */
export const driver: DriverModule = { create: async (context) => new VirtualDriver(context), welcome };
