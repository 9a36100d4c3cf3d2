import { readFile } from "node:fs/promises";
import { type RouterDriver, Unsupported } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { gameConsole, inClass, laptop, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, type RigOptions, rig, shippedAcl } from "../emulators/openwrt/fixture.ts";

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

  it("one odd host hides no other", async () => {
    await start();
    const { router } = home.emulator;
    const hints = router.hostHints.bind(router);
    router.hostHints = () => ({
      ...hints(),
      "02:00:00:00:00:64": null,
      "02:00:00:00:00:65": { ipaddrs: ["192.168.1.65"], name: null, ip6addrs: {} },
      "not an address": {},
    });
    router.leases.push({ macaddr: "02:00:00:00:00:66", hostname: null, ipaddr: null } as never);
    const clients = await home.driver.clients!();
    expect(clients.map(({ mac, ipv4, hostname }) => [mac, ipv4, hostname])).toEqual([
      [sampleMacs.laptop, "192.168.1.11", "alice-laptop"],
      ["02:00:00:00:00:64", undefined, undefined],
      ["02:00:00:00:00:65", "192.168.1.65", undefined],
      ["02:00:00:00:00:66", undefined, undefined],
    ]);
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
    expect(await check({ lanZone: "inside" })).toEqual([
      expect.stringMatching(/^lanZone: Set `lanZone` in home.yaml to one of: lan, wan, guest/),
    ]);
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
