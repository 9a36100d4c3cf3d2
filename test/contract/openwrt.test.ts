import { loadSupport } from "@network-personas/engine/driver";
import { type DriverFixture, sampleMacs, testRouterDriver } from "@network-personas/engine/testing";
import { describe, it } from "vitest";
import { rig } from "../emulators/openwrt/fixture.ts";

const password = "correct horse battery";

const fixture: DriverFixture = {
  support: await loadSupport(new URL("../../plugins/routers/src/openwrt/support.yaml", import.meta.url)),
  rollback: "router",
  faults: ["unreachable", "hang", "garbage", "refuse-login", "fail-mid-apply"],
  reboots: true,
  tunnel: "wg0",
  secrets: [password],
  async create(given) {
    const { emulator, driver, another, stop } = await rig({ password, settings: { requestTimeout: "PT2S" }, context: given });
    emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.1.11", hostname: "alice-laptop" });
    const { router } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      async snapshot() {
        const configs = router.store.names().map((config) => [config, router.store.file(config)!.sections] as const);
        const part = (ours: boolean) =>
          configs.map(([config, sections]) => [
            config,
            sections
              .filter((s) => s.name.startsWith("np_") === ours)
              .map((s) => [s.name, s.type, [...s.options]])
              // The order of our own sections among different devices means nothing.
              .sort((a, b) => (ours ? String(a[0]).localeCompare(String(b[0])) : 0)),
          ]);
        return { owned: part(true), foreign: part(false) };
      },
      advance: (ms) => emulator.time.advance(ms),
      writes: () => router.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        emulator.changePassword(password);
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
        if (fault === "hang") emulator.fault({ kind: "hang" });
        if (fault === "garbage") emulator.fault({ kind: "garbage" });
        if (fault === "refuse-login") emulator.changePassword("another one");
        let writes = 0;
        if (fault === "fail-mid-apply")
          emulator.spoil(({ object, method }) => (object === "uci" && ["add", "set"].includes(method) && ++writes === 2 ? [9] : undefined));
      },
      async reboot() {
        router.reboot();
      },
      stop,
    };
  },
};

testRouterDriver("openwrt", fixture, { describe, it });
