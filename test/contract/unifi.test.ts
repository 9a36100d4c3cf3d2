import { loadSupport } from "@network-personas/engine/driver";
import { type DriverFixture, testRouterDriver } from "@network-personas/engine/testing";
import { describe, it } from "vitest";
import { type RigOptions, rig } from "../emulators/unifi/fixture.ts";

const password = "correct horse battery";

const fixtureOf = (options: RigOptions): Omit<DriverFixture, "support"> => ({
  rollback: "engine",
  faults: ["unreachable", "hang", "garbage", "refuse-login", "fail-mid-apply"],
  reboots: true,
  tunnel: "office",
  secrets: [password, "not-to-be-shown"],
  async create(given) {
    const { emulator, driver, another, stop } = await rig({ ...options, settings: { requestTimeout: "PT1S" }, context: given });
    const { site, sessions } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      async snapshot() {
        const all = [...(site.collections.objects ?? []), ...(site.collections.rules ?? [])];
        const nameOf = (one: Record<string, unknown>) => String(one.name ?? one.description);
        const ours = all.filter((one) => nameOf(one).startsWith("np: "));
        return {
          // What the console numbers and dates itself means nothing.
          owned: ours.map(({ id: _, _id: __, created_at: ___, ...rest }) => rest).sort((a, b) => nameOf(a).localeCompare(nameOf(b))),
          foreign: structuredClone([all.filter((one) => !ours.includes(one)), site.networks, site.devices]),
        };
      },
      advance: (ms) => emulator.time.advance(ms),
      writes: () => site.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        sessions.account.password = password;
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
        if (fault === "hang") emulator.fault({ kind: "hang" });
        if (fault === "garbage") emulator.fault({ kind: "garbage" });
        if (fault === "refuse-login") sessions.account.password = "another one";
        let writes = 0;
        if (fault === "fail-mid-apply") emulator.spoil(() => (++writes === 2 ? 500 : undefined));
      },
      async reboot() {
        sessions.forgetAll();
      },
      stop,
    };
  },
});

const support = await loadSupport(new URL("../../plugins/routers/src/unifi/support.yaml", import.meta.url));
testRouterDriver("unifi", { ...fixtureOf({}), support }, { describe, it });
testRouterDriver("unifi, the application by itself", { ...fixtureOf({ classic: true }), support }, { describe, it });
