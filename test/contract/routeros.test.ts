import { loadSupport } from "@network-personas/engine/driver";
import { type DriverFixture, testRouterDriver } from "@network-personas/engine/testing";
import { describe, it } from "vitest";
import { type RigOptions, rig } from "../emulators/routeros/fixture.ts";
import { Refused } from "../emulators/routeros/values.ts";

const password = "correct horse battery";

const fixtureOf = (options: RigOptions): Omit<DriverFixture, "support"> => ({
  rollback: options.deviceMode === "home" ? "engine" : "router",
  faults: ["unreachable", "hang", "garbage", "refuse-login", "fail-mid-apply"],
  reboots: true,
  tunnel: "wg0",
  secrets: [password, "not-to-be-shown", Buffer.from(`personas:${password}`).toString("base64")],
  async create(given) {
    const { emulator, driver, another, kept, left, stop } = await rig({ ...options, settings: { requestTimeout: "PT2S" }, context: given });
    const { device, account } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      snapshot: async () => kept(),
      advance: (ms) => emulator.time.advance(ms),
      writes: () => device.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        account.password = password;
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
        if (fault === "hang") emulator.fault({ kind: "hang" });
        if (fault === "garbage") emulator.fault({ kind: "garbage" });
        if (fault === "refuse-login") account.password = "another one";
        let writes = 0;
        if (fault === "fail-mid-apply") emulator.spoil(() => (++writes === 4 ? new Refused("action failed (6)", 500) : undefined));
      },
      leases: {
        left: async () => left(),
        leave: (seconds) => emulator.time.advance((Math.max(...left()) - seconds) * 1_000),
        runOut: () => emulator.time.advance(Math.max(...left()) * 1_000),
      },
      async reboot() {
        device.reboot();
      },
      stop,
    };
  },
});

const support = await loadSupport(new URL("../../plugins/routers/src/routeros/support.yaml", import.meta.url));
testRouterDriver("routeros", { ...fixtureOf({}), support }, { describe, it });
