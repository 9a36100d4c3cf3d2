import { readFile } from "node:fs/promises";
import { loadSupport, type RouterDriver, supportedFields, UnsafePlan, Unsupported } from "@network-personas/engine/driver";
import { type NetworkPlan, type PlanField, planFields } from "@network-personas/engine/model";
import {
  fieldSample,
  gameConsole,
  inClass,
  laptop,
  neutralDevice,
  sampleMacs,
  samplePlan,
  workAndPlay,
} from "@network-personas/engine/testing";
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
    expect(foreign.join()).toMatch(/sqm queue "eth1" already shapes eth1/);
    await bring(home.driver, workAndPlay());
    expect(home.emulator.router.sqm.live.get("eth1")?.download).toBe(85_000);
    expect(home.emulator.router.store.file("sqm")!.sections.map((s) => s.name)).toEqual(["eth1"]);
  });

  it("flow offloading is found", async () => {
    await start();
    const admin = await Admin.of(home.emulator);
    await admin.call("uci", "set", { config: "firewall", section: "@defaults[0]", values: { flow_offloading: "1" } });
    await admin.call("uci", "apply");
    expect((await home.driver.read()).foreign.join()).toMatch(/flow offloading is on/);
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

describe("clients and counters", () => {
  it("a lease is not presence; Wi-Fi stations and answering neighbours are", async () => {
    await start();
    home.emulator.seedDevice({ mac: "02:00:00:00:00:61", ipv4: "192.168.1.61", hostname: "gone", connected: false });
    home.emulator.seedDevice({ mac: "02:00:00:00:00:62", hostname: "phone", connected: false, wifi: "phy0-ap0" });
    home.emulator.router.leases.push({ macaddr: "02:00:00:00:00:63", ipaddr: "192.168.1.63", expires: false });
    const clients = await home.driver.clients!();
    expect(clients.map((c) => [c.mac, c.connected, c.via])).toEqual([
      [sampleMacs.laptop, true, undefined],
      ["02:00:00:00:00:61", false, undefined],
      ["02:00:00:00:00:62", true, "wifi"],
      ["02:00:00:00:00:63", false, undefined],
    ]);
    expect(clients[0]).toMatchObject({ ipv4: "192.168.1.11", ipv6: ["fd00::11"], hostname: "alice-laptop" });
  });

  it("counts the line always, devices only where the router does", async () => {
    await start();
    home.emulator.router.devices.get("eth1")!.statistics = { rx_bytes: 5_000_000_000, tx_bytes: 7_000 };
    expect(await home.driver.counters!()).toMatchObject({ wan: { downBytes: 5_000_000_000, upBytes: 7_000 }, devices: new Map() });
    expect((await home.driver.capabilities()).counters).toEqual({ perDevice: false, everyMs: 5_000 });
    home.emulator.router.accounting = new Map([[sampleMacs.laptop, { rx: 400, tx: 30 }]]);
    expect((await home.driver.counters!()).devices).toEqual(new Map([[sampleMacs.laptop, { downBytes: 400, upBytes: 30 }]]));
    expect((await home.driver.capabilities()).counters).toEqual({ perDevice: true, everyMs: 30_000 });
  });

  it("shows connections of devices as they were counted, over NAT and IPv6", async () => {
    await start();
    const { router } = home.emulator;
    expect((await home.driver.capabilities()).flows).toEqual({ everyMs: 5_000 });
    const call = router.connect({ mac: sampleMacs.laptop, address: "192.168.1.11", protocol: "udp", port: 3478 })!;
    call.counted = { up: { packets: 50, bytes: 40_000 }, down: { packets: 60, bytes: 70_000 } };
    router.connect({ mac: sampleMacs.laptop, address: "fd00::11" })!.counted = {
      up: { packets: 5, bytes: 400 },
      down: { packets: 6, bytes: 7_000 },
    };
    // The router's own connections are nobody's.
    router.connect({ mac: "0a:00:00:00:00:02", address: "10.64.0.2" });
    const flows = await home.driver.flows!();
    expect(flows).toEqual([
      expect.objectContaining({
        mac: sampleMacs.laptop,
        protocol: "udp",
        remotePort: 3478,
        upBytes: 40_000,
        upPackets: 50,
        downBytes: 70_000,
      }),
      expect.objectContaining({ mac: sampleMacs.laptop, protocol: "tcp", remotePort: 443, upBytes: 400, downBytes: 7_000, downPackets: 6 }),
    ]);
    expect(new Set(flows.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ["the tool", { missingPrograms: ["/usr/sbin/conntrack"] }, {}],
    ["counting", {}, { counting: false }],
    ["its counts, which nlbwmon takes", {}, { accounting: new Map() }],
  ])("promises no connections without %s", async (_what, options, change) => {
    await start(options);
    home.emulator.router.connect({ mac: sampleMacs.laptop, address: "192.168.1.11" });
    Object.assign(home.emulator.router, change);
    expect(await home.driver.capabilities()).not.toHaveProperty("flows");
  });

  it("does not know connections when they are more than the router can tell at once", async () => {
    await start();
    expect((await home.driver.capabilities()).flows).toBeDefined();
    for (let i = 0; i < 1_500; i++) home.emulator.router.connect({ mac: sampleMacs.laptop, address: "192.168.1.11" });
    await expect(home.driver.flows!()).rejects.toBeInstanceOf(Unsupported);
  });

  it("what the account may not count is absent, never zero", async () => {
    const acl = await shippedAcl();
    delete acl["network-personas"]!.read!.ubus!["network.device"];
    await start({ acl });
    expect(await home.driver.counters!()).not.toHaveProperty("wan");
    expect((await home.driver.capabilities()).counters).toBeNull();
  });
});

describe("the account and its rights", () => {
  it("the shipped ACL file grants every right the driver uses, and none it does not", async () => {
    await start({ qdiscs: ["fq_codel"] });
    const d = home.driver;
    await bring(d, samplePlan([laptop({ ...inClass("realtime"), blocked: true, cutEstablished: true, tunnel: "wg0" }), gameConsole()]));
    home.emulator.seedDevice({ mac: "02:00:00:00:00:62", wifi: "phy0-ap0" });
    await bring(d, samplePlan([], { shaper: { down: 40_000, up: 8_000 } }));
    home.emulator.router.sqm.live.clear();
    home.emulator.router.accounting = new Map();
    await bring(d, samplePlan([], { shaper: { down: 40_000, up: 8_000 } }));
    home.emulator.router.brokenDropIn = true;
    await bring(d, samplePlan([laptop({ blocked: true })])).catch(() => {});
    home.emulator.router.brokenDropIn = false;
    await d.release();
    await Promise.all([d.identify(), d.capabilities(), d.clients!(), d.counters!(), d.doctor!()]);
    const file = JSON.parse(
      await readFile(new URL("../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
    );
    const parts = Object.values(
      file["network-personas"] as Record<string, { ubus?: Record<string, string[]>; file?: Record<string, string[]> }>,
    ).filter((p) => typeof p === "object");
    const used = new Set(home.emulator.calls().map((c) => `${c.object.replace(/^hostapd\..*/, "hostapd.*")} ${c.method}`));
    const unused = parts
      .flatMap((part) => Object.entries(part.ubus ?? {}).flatMap(([object, methods]) => methods.map((m) => `${object} ${m}`)))
      // The agent has a test of its own.
      .filter((name) => !used.has(name) && !name.startsWith("np-agent "));
    expect(unused).toEqual([]);
    const run = home.emulator
      .calls()
      .filter((c) => c.method === "exec")
      .map((c) => [c.args.command, ...(c.args.params as string[])].join(" "));
    const granted = parts.flatMap((part) => Object.keys(part.file ?? {})).filter((path) => !path.startsWith("/var/run"));
    const idle = granted.filter((path) => !run.some((line) => new RegExp(`^${path.replaceAll("*", ".*")}$`).test(line)));
    expect(idle).toEqual([]);
  });

  it("doctor names each missing right with what it is for and how to grant it", async () => {
    const acl = await shippedAcl();
    delete acl["network-personas"]!.read!.file!["/usr/sbin/nft --terse --json list ruleset"];
    acl["network-personas"]!.write!.uci = ["firewall"];
    await start({ acl });
    const findings = await home.driver.doctor!();
    expect(findings.filter((f) => f.check.startsWith("right:")).map((f) => [f.check, f.status])).toEqual([
      ["right: uci sqm write", "warning"],
      ["right: file /usr/sbin/nft --terse --json list ruleset exec", "warning"],
    ]);
    for (const finding of findings.filter((f) => f.status !== "ok")) expect(finding.remedy.length).toBeGreaterThan(20);
  });

  it("doctor says that the ruleset is broken before a change runs into it", async () => {
    await start();
    home.emulator.router.brokenDropIn = true;
    expect((await home.driver.doctor!()).find((f) => f.check === "firewall4")).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/syntax error/),
    });
    home.emulator.router.brokenDropIn = false;
    home.emulator.router.missingPrograms.add("/sbin/fw4");
    expect((await home.driver.doctor!()).find((f) => f.check === "firewall4")).toMatchObject({
      status: "failed",
      remedy: expect.stringMatching(/22\.03/),
    });
  });

  it("doctor fails where a needed right is missing", async () => {
    const acl = await shippedAcl();
    acl["network-personas"]!.write!.ubus!.uci = [];
    await start({ acl });
    const failed = (await home.driver.doctor!()).filter((f) => f.status === "failed");
    expect(failed.map((f) => f.check)).toContain("right: ubus uci apply");
    expect(failed[0]!.remedy).toMatch(/network-personas\.json/);
  });

  it("doctor says what is wrong with login, zones and line", async () => {
    await start();
    const check = async (settings: Record<string, unknown>) =>
      (await (await home.another(settings)).doctor!()).filter((f) => f.status === "failed").map((f) => `${f.check}: ${f.remedy}`);
    expect(await check({ password: "wrong" })).toEqual([expect.stringMatching(/^login: Correct `username` and `password`/)]);
    expect(await check({ lanZone: "inside" })).toEqual([expect.stringMatching(/^lanZone: Set `lanZone` to one of: lan, wan, guest/)]);
    expect(await check({ url: "http://127.0.0.1:9" })).toEqual([expect.stringMatching(/^login: Check `url`/)]);
  });

  it("without the right to write a config an apply says which right is missing, and leaves nothing", async () => {
    const acl = await shippedAcl();
    acl["network-personas"]!.write!.uci = ["sqm"];
    await start({ acl });
    const set = await difference(home.driver, samplePlan([laptop({ blocked: true })]));
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toMatchObject({
      code: "permission-missing",
      right: "uci firewall write",
    });
    expect(home.emulator.router.store.file("sqm")!.sections.some((s) => s.name.startsWith("np_"))).toBe(false);
    await home.driver.read();
  });
});
