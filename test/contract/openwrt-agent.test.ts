import { loadSupport } from "@network-personas/engine/driver";
import { type DriverFixture, sampleMacs, testRouterDriver } from "@network-personas/engine/testing";
import { it } from "vitest";
import { rig } from "../emulators/openwrt/fixture.ts";
import { keptByAgent } from "../netns/kept.ts";
import { leasesIn, leaveSeconds, runOut } from "../netns/leases.ts";
import { describeIf } from "../support/require.ts";

const password = "correct horse battery";

const fixture: DriverFixture = {
  support: await loadSupport(new URL("../../plugins/routers/src/openwrt/agent/support.yaml", import.meta.url)),
  rollback: "router",
  // What goes wrong between us and uhttpd is the same with and without the agent.
  faults: ["unreachable", "fail-mid-apply"],
  reboots: true,
  tunnel: "wg0",
  secrets: [password],
  async create(given) {
    const home = await rig({ password, context: given, withAgent: true });
    const { emulator, driver, another, stop } = home;
    const agent = home.agent!;
    emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.1.11", hostname: "alice-laptop" });
    const { router } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      async snapshot() {
        const kernel = keptByAgent(agent.namespace);
        return {
          owned: kernel.owned,
          foreign: [kernel.foreign, router.store.names().map((config) => [config, router.store.file(config)!.sections])],
        };
      },
      async advance(ms) {
        await emulator.time.advance(ms);
        await agent.tick(emulator.time.now());
      },
      writes: () => router.writes + agent.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        await agent.breakTc(fault === "fail-mid-apply");
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
      },
      async reboot() {
        router.reboot();
      },
      leases: {
        left: async () => leasesIn(agent.namespace).map(({ left }) => left),
        leave: async (seconds) => leaveSeconds(agent.namespace, seconds),
        runOut: () => runOut(agent.namespace),
      },
      stop,
    };
  },
};

describeIf(["namespaces", "nftables", "traffic-control", "busybox"], "a router with the agent", () => {
  testRouterDriver("openwrt with agent", fixture, { describe: (_name, body) => body(), it });
});
