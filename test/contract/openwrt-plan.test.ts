import { loadSupport, type RouterDriver, supportedFields, UnsafePlan } from "@network-personas/engine/driver";
import { inEnglish, type NetworkPlan, type PlanField, planFields } from "@network-personas/engine/model";
import { fieldSample, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Admin } from "../emulators/openwrt/admin.ts";
import { type Rig, type RigOptions, rig, shippedAcl } from "../emulators/openwrt/fixture.ts";
import { homeInterfaces } from "../emulators/openwrt/router.ts";
import { homeConfig } from "../emulators/openwrt/seed.ts";

let home: Rig;
afterEach(() => home.stop());

async function start(options: RigOptions = {}): Promise<Rig> {
  home = await rig(options);
  home.emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.1.11", ipv6: "fd00::11", hostname: "alice-laptop" });
  return home;
}
const difference = async (driver: RouterDriver, plan: NetworkPlan | null) => driver.plan(plan, await driver.read());
const bring = async (driver: RouterDriver, plan: NetworkPlan | null) => {
  await driver.apply(await difference(driver, plan), { confirmWithin: 30_000 });
  await driver.confirm();
};
const connects = (port = 443, more: { protocol?: "tcp" | "udp"; from?: string; to?: string; mac?: string } = {}) =>
  home.emulator.router.connect({ mac: sampleMacs.laptop, address: "192.168.1.11", port, ...more }) !== undefined;

describe("support.yaml of the OpenWrt driver", () => {
  it("says what capabilities() says on a router with everything", async () => {
    await start();
    const support = await loadSupport(new URL("../../plugins/routers/src/openwrt/support.yaml", import.meta.url));
    expect((await home.driver.capabilities()).fields).toEqual(supportedFields(support));
  });

  for (const field of planFields) {
    it(`${field}: what it says is what plan() does`, async () => {
      await start();
      const { fields } = await home.driver.capabilities();
      const { from, to } = fieldSample(field, "wg0");
      await bring(home.driver, from);
      const set = await difference(home.driver, to);
      const omission = set.omissions.find((o) => o.field === field);
      expect({ changes: set.changes.length > 0, omitted: omission !== undefined, instead: (omission?.instead ?? "") !== "" }).toEqual(
        {
          lowered: { changes: true, omitted: false, instead: false },
          // Equal shares and short queues are there already: nothing more is written.
          substituted: { changes: !["device.guarantee", "device.latencyTarget"].includes(field), omitted: true, instead: true },
          impossible: { changes: false, omitted: true, instead: false },
        }[fields[field]],
      );
    });
  }

  /** What a router or account lacks, and the fields that become impossible by it. */
  const lacks: [string, () => Promise<RigOptions>, PlanField[], RegExp | undefined][] = [
    ["cake", async () => ({ qdiscs: ["fq_codel"] }), ["device.guarantee"], undefined],
    ["any fair queue", async () => ({ qdiscs: [] }), ["device.guarantee", "device.latencyTarget"], undefined],
    [
      "sqm-scripts",
      async () => ({ uci: withoutSqm() }),
      ["line.shaper", "device.guarantee", "device.latencyTarget"],
      /sqm-scripts is not installed/,
    ],
    ["a free line", async () => ({ uci: withForeignQueue() }), ["line.shaper", "device.guarantee", "device.latencyTarget"], /twice/],
    ["the right to configure sqm", withoutSqmRight, ["line.shaper", "device.guarantee", "device.latencyTarget"], /may not configure it/],
    ["tunnels", async () => ({ interfaces: homeInterfaces }), ["device.tunnel"], undefined],
    ["the right to its tunnel", async () => ({ acl: await shippedAcl() }), ["device.tunnel"], /tunnels up and down \(wg0\)/],
  ];
  for (const [what, options, impossible, note] of lacks) {
    it(`without ${what} less is promised, and plan() keeps to it`, async () => {
      await start(await options());
      const support = await loadSupport(new URL("../../plugins/routers/src/openwrt/support.yaml", import.meta.url));
      const { fields, notes } = await home.driver.capabilities();
      const less = planFields.filter((field) => fields[field] !== support.fields[field].support);
      expect(less.sort()).toEqual([...impossible].sort());
      for (const field of less) expect(fields[field]).toBe("impossible");
      if (note) expect(notes.join("\n")).toMatch(note);
      for (const field of impossible.filter((f) => f !== "line.shaper")) {
        const { omissions } = await difference(home.driver, fieldSample(field, "wg0").to);
        expect(omissions.find((o) => o.field === field)?.instead, field).toBe("");
      }
      if (impossible.includes("line.shaper")) {
        const { omissions, changes } = await difference(home.driver, samplePlan([]));
        expect(omissions.some((o) => o.field === "line.shaper")).toBe(true);
        expect(changes).toEqual([]);
      }
    });
  }
});

const withoutSqm = () => Object.fromEntries(Object.entries(homeConfig).filter(([name]) => name !== "sqm"));
async function withoutSqmRight(): Promise<RigOptions> {
  const acl = await shippedAcl("wg0");
  acl["network-personas"]!.write!.uci = ["firewall"];
  return { acl };
}
const withForeignQueue = () => ({
  ...homeConfig,
  sqm: [
    {
      type: "queue",
      name: "eth1",
      options: { enabled: "1", interface: "eth1", download: "85000", upload: "10000", qdisc: "fq_codel", script: "simplest.qos" },
    },
  ],
});

describe("what an OpenWrt router then does", () => {
  it("blocks a device for new connections, in every network of the home, and lets it go again", async () => {
    await start();
    expect(connects()).toBe(true);
    await bring(home.driver, samplePlan([laptop({ blocked: true })]));
    expect(connects()).toBe(false);
    expect(connects(443, { from: "guest" })).toBe(false);
    expect(connects(443, { mac: sampleMacs.console })).toBe(true);
    await bring(home.driver, null);
    expect(connects()).toBe(true);
  });

  it("blocks every MAC address of a device, and lets one go that is its no more", async () => {
    await start();
    const second = "02:00:00:00:00:12";
    const tablet = (macs: string[]) => samplePlan([neutralDevice("tablet", macs, { blocked: true })]);
    await bring(home.driver, tablet([sampleMacs.laptop, second]));
    expect([connects(), connects(443, { mac: second })]).toEqual([false, false]);
    await bring(home.driver, tablet([sampleMacs.laptop]));
    expect([connects(), connects(443, { mac: second })]).toEqual([false, true]);
  });

  it("refuses applications by their ports", async () => {
    await start();
    await bring(home.driver, samplePlan([laptop({ blockedApplications: ["minecraft", "zoom"] })]));
    expect([connects(25565), connects(8805, { protocol: "udp" }), connects(8805), connects(443)]).toEqual([false, false, true, true]);
  });

  it("an application told by name only is left out, and says so", async () => {
    await start({
      context: {
        applications: new Map([["netflix", { id: "netflix", name: "Netflix", class: "streaming", domains: ["*.netflix.com"], ports: [] }]]),
      },
    });
    const { omissions, changes } = await difference(home.driver, samplePlan([laptop({ blockedApplications: ["netflix"] })]));
    expect(changes.map((c) => c.target)).toEqual(["sqm.np_wan"]);
    expect(omissions).toMatchObject([
      { field: "device.blockedApplications", wanted: "netflix", instead: "", why: expect.stringMatching(/dnsmasq-full/) },
    ]);
  });

  it("strict lets out only what is allowed, also when that is allowed later", async () => {
    await start();
    await bring(home.driver, samplePlan([laptop({ firewall: "strict" })]));
    expect([connects(25565), connects(443)]).toEqual([false, false]);
    await bring(home.driver, samplePlan([laptop({ firewall: "strict", allowedApplications: ["minecraft"] })]));
    expect([connects(25565), connects(443)]).toEqual([true, false]);
    await bring(
      home.driver,
      samplePlan([laptop({ firewall: "strict", allowedApplications: ["minecraft", "zoom"], blockedApplications: ["minecraft"] })]),
    );
    expect([connects(25565), connects(8801, { protocol: "udp" }), connects(443)]).toEqual([false, true, false]);
    await bring(home.driver, samplePlan([laptop({ firewall: "strict", allowedApplications: ["minecraft"] })]));
    expect([connects(25565), connects(8801, { protocol: "udp" })]).toEqual([true, false]);
  });

  it("marks what a device sends, for both families", async () => {
    await start();
    await bring(home.driver, workAndPlay());
    const marks = home.emulator.router.liveFirewall.rules.filter((rule) => rule.target === "DSCP");
    expect(marks.map(({ chain, sourceMacs, dscp }) => ({ chain, sourceMacs, dscp }))).toEqual([
      { chain: "mangle_forward", sourceMacs: [sampleMacs.laptop], dscp: "AF41" },
      { chain: "mangle_forward", sourceMacs: [sampleMacs.console], dscp: "EF" },
    ]);
  });

  it("closes a device to the internet at the addresses it has, and follows when they change", async () => {
    await start();
    await bring(home.driver, samplePlan([laptop({ inboundClosed: true })]));
    const closed = () =>
      home.emulator.router.liveFirewall.rules
        .filter((r) => r.section.startsWith("np_inbound"))
        .map((r) => [r.chain, ...r.destinationAddresses]);
    expect(closed()).toEqual([["forward_wan", "192.168.1.11", "fd00::11"]]);
    home.emulator.router.leases[0]!.ipaddr = "192.168.1.77";
    home.emulator.router.neighbours.splice(0, 1);
    await bring(home.driver, samplePlan([laptop({ inboundClosed: true })]));
    expect(closed()).toEqual([["forward_wan", "192.168.1.77", "fd00::11"]]);
  });

  it("isolates a device from the other networks only", async () => {
    await start();
    await bring(home.driver, samplePlan([laptop({ isolated: true })]));
    expect(connects(443)).toBe(true);
    expect(home.emulator.router.liveFirewall.rules.filter((r) => r.section.startsWith("np_isolate")).map((r) => r.destination)).toEqual([
      "lan",
      "guest",
    ]);
    const { omissions } = await difference(home.driver, samplePlan([laptop({ isolated: true })]));
    expect(omissions.find((o) => o.field === "device.isolated")?.why).toMatch(/same network reach each other/);
  });

  it("brings a tunnel up and down again, but never one it did not start", async () => {
    await start();
    const up = () => home.emulator.router.interfaces.find((i) => i.name === "wg0")!.up;
    const through = samplePlan([laptop({ tunnel: "wg0" })]);
    await home.driver.apply(await difference(home.driver, through), { confirmWithin: 30_000 });
    expect(up()).toBe(true);
    await home.driver.rollback();
    expect(up()).toBe(false);
    await bring(home.driver, through);
    await bring(await home.another(), samplePlan([laptop()]));
    expect(up()).toBe(false);
    home.emulator.router.interfaces.find((i) => i.name === "wg0")!.up = true;
    await bring(home.driver, through);
    await home.driver.release();
    expect(up()).toBe(true);
  });

  it("a router without cake gets the best there is", async () => {
    await start({ qdiscs: [] });
    await bring(home.driver, samplePlan([]));
    expect(home.emulator.router.sqm.live.get("eth1")).toMatchObject({
      qdisc: "pfifo",
      script: "simplest.qos",
      download: 95_000,
      upload: 19_000,
    });
    expect((await home.driver.capabilities()).flowQueueing).toBe(false);
  });

  it("a foreign shaper on the line is found, left alone and not doubled", async () => {
    await start({ uci: withForeignQueue() });
    const { foreign } = await home.driver.read();
    expect(foreign.map((found) => inEnglish(found)).join()).toMatch(/sqm queue "eth1" already shapes eth1/);
    await bring(home.driver, workAndPlay());
    expect(home.emulator.router.sqm.live.get("eth1")?.download).toBe(85_000);
    expect(home.emulator.router.store.file("sqm")!.sections.map((s) => s.name)).toEqual(["eth1"]);
  });

  it("flow offloading is found", async () => {
    await start();
    const admin = await Admin.of(home.emulator);
    await admin.call("uci", "set", { config: "firewall", section: "@defaults[0]", values: { flow_offloading: "1" } });
    await admin.call("uci", "apply");
    expect((await home.driver.read()).foreign.map((found) => inEnglish(found)).join()).toMatch(/flow offloading is on/);
  });

  it("a ruleset too large for rpcd to hand over is waited for instead", async () => {
    await start();
    const set = await difference(home.driver, samplePlan([laptop({ blocked: true })]));
    home.emulator.spoil(({ method, args }) => (method === "exec" && args.command === "/usr/sbin/nft" ? [8] : undefined));
    const before = home.emulator.time.now();
    await home.driver.apply(set, { confirmWithin: 30_000 });
    expect(home.emulator.time.now() - before).toBeGreaterThanOrEqual(2_500);
    expect(connects()).toBe(false);
  });

  it("with the right to look missing it waits instead, says so, and still reads back", async () => {
    const acl = await shippedAcl();
    acl["network-personas"]!.read!.file = {};
    await start({ acl });
    expect((await home.driver.capabilities()).notes.join()).toMatch(/without seeing it in force/);
    await bring(home.driver, samplePlan([laptop({ blocked: true })]));
    expect(connects()).toBe(false);
  });
});

describe("plans an OpenWrt router is never given", () => {
  const protectedDevice = (wish: Parameters<typeof neutralDevice>[2]) =>
    samplePlan([neutralDevice("engine-host", [sampleMacs.protected], wish)]);
  const refused: [string, NetworkPlan, RegExp, RigOptions?][] = [
    ["leaves a protected device next to nothing", protectedDevice({ firewall: "strict" }), /engine-host.*almost nothing/],
    [
      "blocks applications of a protected device",
      protectedDevice({ blockedApplications: ["zoom"] }),
      /blocks applications of "engine-host"/,
    ],
    ["blocks the router itself", samplePlan([neutralDevice("gateway", ["0a:00:00:00:00:02"], { blocked: true })]), /blocks "gateway"/],
    ["shapes the LAN", samplePlan([]), /carries the zone "lan"/, { settings: { wanDevice: "br-lan" } }],
    ["starves the line", samplePlan([], { shaper: { down: 95_000, up: 20 } }), /less than 64 kbit\/s/],
  ];
  for (const [what, plan, message, options] of refused) {
    it(`one that ${what}`, async () => {
      await start(options);
      const before = home.emulator.router.writes;
      await expect(difference(home.driver, plan)).rejects.toThrow(message);
      await expect(difference(home.driver, plan)).rejects.toBeInstanceOf(UnsafePlan);
      expect(home.emulator.router.writes).toBe(before);
    });
  }
});
