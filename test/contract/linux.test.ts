import { readdir } from "node:fs/promises";
import type { NetworkPlan } from "@network-personas/engine/model";
import { type DriverFixture, testRouterDriver } from "@network-personas/engine/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { plans } from "../crash/plans.ts";
import { keptBy, reboot } from "../netns/kept.ts";
import { leasesIn, leaveSeconds, runOut } from "../netns/leases.ts";
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
      leases: {
        left: async () => leasesIn(router).map(({ left }) => left),
        leave: async (seconds) => leaveSeconds(router, seconds),
        runOut: () => runOut(router),
      },
      stop: () => rig.stop(),
    };
  },
};

describeIf(["namespaces", "nftables", "traffic-control", "conntrack"], "a real Linux router", () => {
  testRouterDriver("linux", fixture, { describe: (_name, body) => body(), it });

  it("comes back from a change of which nothing arrived but its way back", async () => {
    const namespaces = new Namespaces();
    const router = namespaces.add("router");
    run(router, ownersRouter);
    const rig = await linuxRig({}, namespaces, router);
    onTestFinished(() => rig.stop());
    const planned = async (plan: NetworkPlan) => rig.driver.plan(plan, await rig.driver.read());
    await rig.driver.apply(await planned(plans.old), { confirmWithin: 30_000 });
    await rig.driver.confirm();
    const kept = keptBy(router);
    const shell = rig.shell.run.bind(rig.shell);
    const cut = vi.spyOn(rig.shell, "run").mockImplementation(async (argv, input) => {
      if (argv.includes("-batch")) throw new Error("the connection is gone");
      return shell(argv, input);
    });
    await expect(rig.driver.apply(await planned(plans.new), { confirmWithin: 30_000 })).rejects.toThrow("the connection is gone");
    cut.mockRestore();
    await rig.another().rollback();
    expect(keptBy(router)).toEqual(kept);
    expect(await readdir(`${rig.runDir}/main`)).toEqual([]);
  });
});
