import { loadSupport } from "@network-personas/engine/driver";
import { type DriverFixture, sampleMacs, testRouterDriver } from "@network-personas/engine/testing";
import { describe, it } from "vitest";
import { rig } from "../emulators/fritzbox/fixture.ts";

const password = "correct horse battery";
const planned: readonly string[] = [sampleMacs.laptop, sampleMacs.console];

const fixture: DriverFixture = {
  support: await loadSupport(new URL("../../plugins/routers/src/fritzbox/support.yaml", import.meta.url)),
  rollback: "engine",
  faults: ["unreachable", "hang", "garbage", "refuse-login", "fail-mid-apply"],
  reboots: true,
  secrets: [password],
  async create(given) {
    const { emulator, driver, another, stop } = await rig({ password, settings: { requestTimeout: "PT1S" }, context: given });
    const { box, login } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      async snapshot() {
        const bits = box.devices.map(({ mac, blocked, priority }) => ({ mac, blocked, priority }));
        return {
          owned: bits.filter(({ mac }) => planned.includes(mac)),
          foreign: [
            bits.filter(({ mac }) => !planned.includes(mac)),
            box.devices.map(({ blocked: _, priority: __, ...rest }) => ({ ...rest })),
          ],
        };
      },
      advance: (ms) => emulator.time.advance(ms),
      writes: () => box.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        login.accounts[0]!.password = password;
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
        if (fault === "hang") emulator.fault({ kind: "hang" });
        if (fault === "garbage") emulator.fault({ kind: "garbage" });
        if (fault === "refuse-login") login.accounts[0]!.password = "another one";
        let writes = 0;
        if (fault === "fail-mid-apply")
          emulator.spoil((action) => (/Disallow|SetPrioritization/.test(action) && ++writes === 2 ? 501 : undefined));
      },
      async reboot() {
        box.reboot();
        login.forgetNonces();
      },
      stop,
    };
  },
};

testRouterDriver("fritzbox", fixture, { describe, it });
