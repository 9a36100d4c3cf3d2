import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rejected, UnsafePlan } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import {
  evening,
  gameConsole,
  inClass,
  laptop,
  neutralDevice,
  sampleMacs,
  samplePlan,
  workAndPlay,
} from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { ownersMacs, ownersRules, type Rig, rig } from "../emulators/asuswrt/fixture.ts";
import { failureOf } from "../emulators/shared/rig.ts";

let home: Rig;
afterEach(() => home.stop());

const effect = () => home.emulator.router.effect;
const nvram = () => home.emulator.router.nvram;
const blockLaptop = samplePlan([laptop({ blocked: true })]);
const limitLaptop = samplePlan([laptop({ ceiling: { down: 20_000, up: 5_000 } })]);
const traditional = { settings: { qos: "traditional" } };
const limiter = { settings: { qos: "limiter" } };

const whyNot = async (plan: NetworkPlan, field: string) =>
  (await home.planned(plan)).omissions.find((omission) => omission.field === field && omission.instead === "")?.why;

describe("what the owner of an ASUS router has set", () => {
  it("is carried over byte for byte, whatever is in it", async () => {
    home = await rig(traditional);
    const before = { ...nvram() };
    await home.bring(
      samplePlan([laptop({ ...inClass("realtime"), blocked: true, familyFilter: true, tunnel: "wgc1" }), gameConsole(inClass("bulk"))]),
    );
    expect(nvram().MULTIFILTER_DEVICENAME).toBe(`${ownersRules.MULTIFILTER_DEVICENAME}>np alice-laptop`);
    expect(nvram().qos_rulelist).toContain(before.qos_rulelist!.slice(1));
    expect(effect()).toEqual({
      blocked: [sampleMacs.laptop, ownersMacs.tablet].sort(),
      levels: { [sampleMacs.laptop]: 0, [sampleMacs.console]: 4 },
      line: { down: 95_000, up: 19_000 },
      limits: {},
      resolvers: { [sampleMacs.laptop]: 15 },
      routes: { "192.168.50.21": "WGC1", "192.168.50.43": "WGC2" },
    });
    await home.driver.release();
    expect(nvram()).toEqual(before);
  });

  it("counts as held where it says the same, and decides where it says something else", async () => {
    home = await rig({ settings: { qos: "limiter" } });
    const device = (mac: string, wishes: object) => samplePlan([neutralDevice("theirs", [mac], wishes)]);
    const blocked = await home.planned(device(ownersMacs.tablet, { blocked: true }));
    expect(blocked.changes).toEqual([]);
    expect(blocked.omissions.map((o) => o.field)).toEqual(["line.shaper"]);
    expect(await whyNot(device(ownersMacs.phone, { blocked: true }), "device.blocked")).toMatch(/your own rule/);
    expect(await whyNot(device(ownersMacs.guest, { ceiling: { down: 1_000, up: null } }), "device.ceiling")).toMatch(/your own limit/);
    home.emulator.router.own({ dnsfilter_enable_x: "1", dnsfilter_rulelist: `<mine>${ownersMacs.guest}>7>1` });
    expect(await whyNot(device(ownersMacs.guest, { malwareFilter: true }), "device.malwareFilter")).toMatch(/your own rule/);
    home.emulator.router.own({ qos_enable: "1", qos_type: "0", qos_rulelist: `<mine>${ownersMacs.guest.toUpperCase()}>>any>>2` });
    expect(await whyNot(device(ownersMacs.guest, inClass("realtime")), "device.class")).toMatch(/your own rule/);
  });

  it("is not put in force by a switch: such rules keep it off", async () => {
    home = await rig({
      nvram: { MULTIFILTER_ALL: "0", dnsfilter_mode: "7", qos_bw_rulelist: ownersRules.qos_bw_rulelist.replace("0", "1") },
      ...limiter,
    });
    const plan = samplePlan([laptop({ blocked: true, malwareFilter: true, ceiling: { down: 1_000, up: 1_000 } })]);
    expect((await home.planned(plan)).changes).toEqual([]);
    for (const [field, words] of [
      ["device.blocked", /parental control is off while it has rules of yours/],
      ["device.malwareFilter", /DNS Director is off while it has settings of yours/],
      ["device.ceiling", /Bandwidth Limiter is off while it has limits of yours/],
    ] as const)
      expect(await whyNot(plan, field)).toMatch(words);
    const { fields } = await home.driver.capabilities();
    for (const field of ["device.blocked", "device.malwareFilter", "device.ceiling"] as const) expect(fields[field]).toBe("impossible");
    await home.bring(plan);
    expect(home.emulator.router.writes).toBe(0);
  });

  it("stays on when he came to need a switch of ours meanwhile", async () => {
    home = await rig({ nvram: { MULTIFILTER_ALL: "0", MULTIFILTER_ENABLE: "0>0" } });
    await home.bring(blockLaptop);
    expect(nvram().MULTIFILTER_ALL).toBe("1");
    home.emulator.router.own({ MULTIFILTER_ENABLE: nvram().MULTIFILTER_ENABLE!.replace(/^0/, "2") });
    expect((await home.planned(blockLaptop)).changes.filter((change) => change.action !== "remove")).toEqual([]);
    await home.driver.release();
    expect(nvram()).toMatchObject({ MULTIFILTER_ALL: "1", MULTIFILTER_ENABLE: "2>0" });
    expect(effect().blocked).toEqual([ownersMacs.tablet]);
  });

  it("goes back to off when nothing of ours needs it", async () => {
    home = await rig({ nvram: { MULTIFILTER_ALL: "0", MULTIFILTER_ENABLE: "0>0" }, ...limiter });
    const before = { ...nvram() };
    await home.bring(samplePlan([laptop({ blocked: true, ceiling: { down: 20_000, up: 5_000 } })]));
    expect(effect().limits).toEqual({ [sampleMacs.laptop]: { down: 20_000, up: 5_000 } });
    expect(nvram().qos_type).toBe("2");
    await home.bring(samplePlan([laptop()]));
    expect(nvram()).toEqual(before);
  });

  it("is his own QoS when he chooses another while ours is on", async () => {
    home = await rig(traditional);
    await home.bring(samplePlan([laptop(inClass("realtime"))]));
    home.emulator.router.own({ qos_type: "1" });
    expect(await whyNot(samplePlan([laptop(inClass("realtime"))]), "device.class")).toMatch(/you have Adaptive QoS on/);
    await home.driver.release();
    expect(nvram()).toMatchObject({ qos_enable: "1", qos_type: "1" });
    expect(nvram().qos_rulelist).not.toContain("np ");
  });

  it("is his rates of the line when he has Traditional QoS on", async () => {
    home = await rig({ nvram: { qos_enable: "1", qos_type: "0", qos_ibw: "50000", qos_obw: "10000" } });
    const plan = samplePlan([laptop(inClass("interactive"))]);
    expect(await whyNot(plan, "line.shaper")).toMatch(/rates of the line are yours/);
    expect((await home.driver.capabilities()).fields).toMatchObject({ "line.shaper": "impossible", "device.class": "lowered" });
    await home.bring(plan);
    expect(effect()).toMatchObject({ levels: { [sampleMacs.laptop]: 1 }, line: { down: 50_000, up: 10_000 } });
    await home.driver.release();
    expect(nvram()).toMatchObject({ qos_enable: "1", qos_type: "0", qos_ibw: "50000", qos_obw: "10000" });
  });

  it("stays off when it is off and `qos` does not say otherwise", async () => {
    home = await rig();
    const { changes, omissions } = await home.planned(workAndPlay());
    expect(changes.map((change) => change.target)).not.toContain("qos_enable");
    expect(omissions.find((o) => o.field === "device.class")?.why).toMatch(/QoS is off.*`qos`/);
    await home.bring(evening());
    expect(nvram().qos_enable).toBe("0");
  });

  it("stays his when he changes a limit of ours", async () => {
    home = await rig(limiter);
    await home.bring(limitLaptop);
    home.emulator.router.own({ qos_bw_rulelist: nvram().qos_bw_rulelist!.replace(">20000>", ">9000>") });
    expect(await whyNot(limitLaptop, "device.ceiling")).toMatch(/your own limit/);
    await home.driver.release();
    expect(nvram().qos_bw_rulelist).toContain(">9000>");
    expect(nvram().qos_enable).toBe("1");
  });

  it("is safe when he changes it between plan and apply", async () => {
    home = await rig(traditional);
    const changes = await home.planned(samplePlan([laptop({ ...inClass("realtime"), blocked: true })]));
    home.emulator.router.own({ qos_enable: "1", qos_type: "9" });
    const writes = home.emulator.router.writes;
    const error = await failureOf(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/not any more as it was planned for.*CAKE/);
    expect(error.retryable).toBe(true);
    expect(home.emulator.router.writes).toBe(writes);
    const rule = { MULTIFILTER_ENABLE: "2>1>2", MULTIFILTER_MAC: `${ownersRules.MULTIFILTER_MAC}>02:00:00:00:00:49` };
    home.emulator.router.own({
      qos_enable: "0",
      qos_type: "1",
      ...rule,
      MULTIFILTER_DEVICENAME: `${ownersRules.MULTIFILTER_DEVICENAME}>new`,
      MULTIFILTER_MACFILTER_DAYTIME_V2: `${ownersRules.MULTIFILTER_MACFILTER_DAYTIME_V2}>`,
    });
    await home.driver.apply(changes, { confirmWithin: 30_000 });
    expect(effect().blocked).toEqual(["02:00:00:00:00:49", ownersMacs.tablet, sampleMacs.laptop].sort());
  });

  it("is safe from a damaged record of what is ours", async () => {
    home = await rig(limiter);
    await home.bring(limitLaptop);
    const file = join(home.dataDir, "asuswrt.json");
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, -4));
    const writes = home.emulator.router.writes;
    expect((await failureOf(() => home.driver.release())).message).toMatch(/asuswrt\.json.*damaged/);
    expect(home.emulator.router.writes).toBe(writes);
    await writeFile(file, whole);
    await home.driver.release();
    expect(nvram().qos_bw_rulelist).toBe(ownersRules.qos_bw_rulelist);
  });
});

describe("lists of an ASUS router", () => {
  it("that it shows cut off are not written back", async () => {
    home = await rig({ nvram: { qos_enable: "1", qos_type: "0", qos_ibw: "1000", qos_obw: "1000" } });
    const plan = samplePlan([laptop({ ...inClass("realtime"), blocked: true })]);
    home.emulator.cutAt = 40;
    const error = await failureOf(() => home.planned(plan));
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/qos_rulelist cut off/);
    await failureOf(() => home.driver.release());
    expect(home.emulator.router.writes).toBe(0);
  });

  it("whose columns do not fit together are left alone, and said to be", async () => {
    home = await rig({ nvram: { MULTIFILTER_DEVICENAME: "one name only" } });
    expect(await whyNot(blockLaptop, "device.blocked")).toMatch(/do not fit together/);
    await home.bring(blockLaptop);
    await home.driver.release();
    expect(home.emulator.router.writes).toBe(0);
    home.emulator.router.own({ MULTIFILTER_DEVICENAME: "np alice-laptop" });
    expect((await failureOf(() => home.driver.release())).message).toMatch(/rules of ours are among them/);
  });

  it("of old firmware have another schedule, and what is left of it in newer firmware means nothing", async () => {
    home = await rig({ nvram: { MULTIFILTER_MACFILTER_DAYTIME_V2: "", MULTIFILTER_MACFILTER_DAYTIME: "<>a<0700" } });
    const before = { ...nvram() };
    await home.bring(blockLaptop);
    expect(nvram().MULTIFILTER_MACFILTER_DAYTIME).toMatch(/^<>a<0700>/);
    await home.driver.release();
    expect(nvram()).toEqual(before);
    home.emulator.router.own({ ...ownersRules, MULTIFILTER_MACFILTER_DAYTIME: "left over" });
    await home.bring(blockLaptop);
    expect(nvram().MULTIFILTER_MACFILTER_DAYTIME).toBe("left over");
  });

  it("that are spread over several variables stay together", async () => {
    const row = (i: number) => `<Täblet ${i}>02:00:00:00:09:${i.toString(16).padStart(2, "0").toUpperCase()}>7>1`;
    const list = Array.from({ length: 12 }, (_, i) => row(i)).join("");
    home = await rig({
      nvram: { dnsfilter_enable_x: "1", dnsfilter_rulelist: list.slice(0, 255), dnsfilter_rulelist1: list.slice(255) },
    });
    await home.bring(samplePlan([laptop({ malwareFilter: true })]));
    expect(`${nvram().dnsfilter_rulelist}${nvram().dnsfilter_rulelist1}`).toBe(`${list}<np alice-laptop>02:00:00:00:00:11>13>1`);
    expect(Object.keys(effect().resolvers)).toHaveLength(13);
    await home.driver.release();
    expect(`${nvram().dnsfilter_rulelist}${nvram().dnsfilter_rulelist1}`).toBe(list);
  });

  it("that are full leave a device out, and say so", async () => {
    home = await rig(limiter);
    const devices = (length: number, wishes: object) =>
      samplePlan(
        Array.from({ length }, (_, i) => neutralDevice(`device-${100 + i}`, [`02:00:00:00:01:${i.toString(16).padStart(2, "0")}`], wishes)),
      );
    const limits = devices(40, { ceiling: { down: 5_000, up: null } });
    const { omissions } = await home.planned(limits);
    expect(omissions.filter((o) => o.field === "device.ceiling")).toHaveLength(9);
    await home.bring(limits);
    expect(Object.keys(effect().limits)).toHaveLength(31);
    expect(effect().limits["02:00:00:00:01:00"]).toEqual({ down: 5_000, up: 10_240_000 });
    const filters = devices(60, { malwareFilter: true });
    const left = (await home.planned(filters)).omissions.filter((o) => o.field === "device.malwareFilter");
    expect(left.length).toBeGreaterThan(10);
    await home.bring(filters);
    expect(Object.keys(effect().resolvers)).toHaveLength(60 - left.length);
  });
});

describe("a VPN client of an ASUS router", () => {
  const through = (tunnel: string) => samplePlan([laptop({ tunnel })]);

  it("is a way for a device with a reserved address, and nothing passes by", async () => {
    home = await rig();
    expect((await home.driver.capabilities()).tunnels).toEqual(["wgc1"]);
    await home.bring(through("wgc1"));
    expect(nvram().vpndirector_rulelist).toBe(`${ownersRules.vpndirector_rulelist}<1>np alice-laptop>192.168.50.21>>WGC1`);
    home.emulator.router.own({ dhcp_staticlist: ownersRules.dhcp_staticlist.replace(".21", ".99") });
    await home.bring(through("wgc1"));
    expect(effect().routes).toEqual({ "192.168.50.43": "WGC2", "192.168.50.99": "WGC1" });
    await home.driver.release();
    expect(nvram().vpndirector_rulelist).toBe(ownersRules.vpndirector_rulelist);
  });

  it("is none where something would pass by, or for a device it cannot tell", async () => {
    home = await rig({
      nvram: {
        vpn_clientx_eas: "1,3,",
        vpn_client1_rgw: "1",
        vpn_client3_rgw: "2",
        vpn_client3_enforce: "1",
        wgc4_enable: "1",
        wgc4_enforce: "1",
      },
    });
    const why = (tunnel: string) => whyNot(through(tunnel), "device.tunnel");
    expect(await why("wgc2")).toMatch(/kill switch is off.*WireGuard/);
    expect(await why("wgc4")).toMatch(/DNS is not the only one/);
    expect(await why("ovpn1")).toMatch(/does not listen to VPN Director.*OpenVPN/);
    expect(await why("ovpn3")).toMatch(/DNS is not the only one/);
    expect(await why("wgc5")).toMatch(/no VPN client "wgc5".*it has wgc1/);
    expect((await home.driver.doctor!()).find((f) => f.check === "tunnels")?.message).toMatch(/used: wgc1; .*not wgc2: its kill switch/);
    expect(await whyNot(samplePlan([gameConsole({ tunnel: "wgc1" })]), "device.tunnel")).toMatch(/reserve one under LAN > DHCP Server/);
    expect(await whyNot(samplePlan([neutralDevice("x", [ownersMacs.guest], { tunnel: "wgc1" })]), "device.tunnel")).toMatch(
      /your own rule/,
    );
    home.emulator.router.own({ vpn_client3_adns: "3" });
    await home.bring(through("ovpn3"));
    expect(effect().routes["192.168.50.21"]).toBe("OVPN3");
  });

  it("is none while IPv6 is on, and in firmware without VPN Director", async () => {
    home = await rig({ nvram: { ipv6_service: "dhcp6" } });
    expect(await whyNot(through("wgc1"), "device.tunnel")).toMatch(/IPv6.*pass by/);
    home.emulator.router.own({ ipv6_service: "disabled", buildno: "386.2" });
    expect(await whyNot(through("wgc1"), "device.tunnel")).toMatch(/no VPN Director/);
    expect((await home.driver.capabilities()).fields["device.tunnel"]).toBe("impossible");
    home.emulator.router.own({ firmver: "3.0.0.6", buildno: "102.3" });
    expect((await home.planned(through("wgc1"))).changes.map((change) => change.target)).toEqual(["VPN Director rule of 192.168.50.21"]);
  });

  it("that was switched off between plan and apply is not used", async () => {
    home = await rig();
    const changes = await home.planned(through("wgc1"));
    home.emulator.router.own({ wgc1_enforce: "0" });
    expect((await failureOf(() => home.driver.apply(changes, { confirmWithin: 30_000 }))).message).toMatch(
      /not any more as it was planned/,
    );
    expect(home.emulator.router.writes).toBe(0);
  });
});

describe("what no plan may do to an ASUS router", () => {
  it("is to block the router itself, its mesh nodes, or a device the owner calls infrastructure", async () => {
    home = await rig();
    home.emulator.router.nodes.push("04:D4:C4:00:00:02");
    home.emulator.seedStation({ mac: "04:d4:c4:00:00:03", amesh_isRe: "1" });
    home.emulator.seedStation({ mac: "04:d4:c4:00:00:04", ip: "127.0.0.1" });
    for (const mac of ["04:d4:c4:00:00:01", "04:d4:c4:00:00:02", "04:d4:c4:00:00:03", "04:d4:c4:00:00:04", sampleMacs.protected])
      expect(await failureOf(() => home.planned(samplePlan([neutralDevice("x", [mac], { blocked: true })])))).toBeInstanceOf(UnsafePlan);
    const host = samplePlan([neutralDevice("x", [sampleMacs.laptop, sampleMacs.protected], { tunnel: "wgc1" })]);
    expect(await failureOf(() => home.planned(host))).toBeInstanceOf(UnsafePlan);
    expect(home.emulator.router.writes).toBe(0);
  });

  it("is to restart anything but firewall, QoS and the resolver's service", async () => {
    home = await rig(traditional);
    await home.bring(samplePlan([laptop({ ...inClass("realtime"), blocked: true, malwareFilter: true, tunnel: "wgc1" })]));
    await home.driver.release();
    expect(new Set(home.emulator.router.restarted)).toEqual(
      new Set(["restart_qos", "restart_dnsmasq", "restart_firewall", "restart_vpnrouting0"]),
    );
    home.emulator.router.restarted.length = 0;
    await home.bring(blockLaptop);
    expect(new Set(home.emulator.router.restarted)).toContain("restart_firewall");
  });
});
