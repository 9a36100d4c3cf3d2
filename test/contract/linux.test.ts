import { type DriverFixture, testRouterDriver } from "@network-personas/engine/testing";
import { it } from "vitest";
import { keptBy, reboot } from "../netns/kept.ts";
import { linuxRig, linuxSupport, ownersRouter, sampleTunnel } from "../netns/linux-rig.ts";
import { Namespaces, run } from "../netns/namespace.ts";
import { describeIf, requirement } from "../support/require.ts";

/** What holds of it without a dnsmasq. */
const byPortsOnly = Object.fromEntries(
  (["device.blockedApplications", "device.allowedApplications"] as const).map((field) => [
    field,
    { ...linuxSupport.fields[field], support: "substituted" as const },
  ]),
);

const fixture: DriverFixture = {
  support: requirement("dnsmasq").available ? linuxSupport : { ...linuxSupport, fields: { ...linuxSupport.fields, ...byPortsOnly } },
  rollback: "router",
  faults: ["unreachable", "hang", "garbage", "fail-mid-apply"],
  reboots: true,
  tunnel: Object.keys(sampleTunnel)[0]!,
  secrets: [],
  async create(given) {
    const namespaces = new Namespaces();
    const router = namespaces.add("router");
    run(router, ownersRouter);
    const rig = await linuxRig(given, namespaces, router);
    return {
      driver: rig.driver,
      restartDriver: async () => rig.another(),
      snapshot: async () => keptBy(router),
      advance: (ms) => rig.advance(ms),
      writes: () => rig.shell.writes,
      async inject(fault) {
        rig.shell.fault = fault;
      },
      reboot: async () => reboot(router, rig.runDir),
      stop: () => rig.stop(),
    };
  },
};

describeIf(["namespaces", "nftables", "traffic-control", "conntrack"], "a real Linux router", () => {
  testRouterDriver("linux", fixture, { describe: (_name, body) => body(), it });
});
