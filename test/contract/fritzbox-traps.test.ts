import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PermissionMissing, ReadBackMismatch, Rejected, UnsafePlan, Unsupported } from "@network-personas/engine/driver";
import { inEnglish } from "@network-personas/engine/model";
import { inClass, laptop, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/fritzbox/fixture.ts";
import { failureOf } from "../emulators/shared/rig.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const blockLaptop = samplePlan([laptop({ blocked: true })]);
const of = (mac: string) => home.emulator.box.devices.find((device) => device.mac === mac)!;
const failure = (call: () => Promise<unknown>) => failureOf(call, password);

describe("a FRITZ!Box that says yes", () => {
  it("is waited for until the block is in force", async () => {
    home = await rig({ blockDelay: 25_000 });
    const before = home.emulator.time.now();
    await home.bring(blockLaptop);
    expect(home.emulator.time.now() - before).toBeGreaterThanOrEqual(25_000);
    expect(of(sampleMacs.laptop).blocked).toBe(true);
  });

  it("and lets the device through all the same is not believed", async () => {
    home = await rig();
    of(sampleMacs.laptop).profileWins = true;
    const error = await failure(() => home.apply(blockLaptop));
    expect(error).toBeInstanceOf(ReadBackMismatch);
    expect(error.message).toMatch(/alice-laptop.*access profile/);
    expect(of(sampleMacs.laptop).blocked).toBe(false);
    of(sampleMacs.laptop).blocked = true;
    expect((await home.driver.read()).foreign.map((found) => inEnglish(found)).join()).toMatch(/alice-laptop.*access profile/);
    expect((await home.driver.doctor!()).find((f) => f.check === "foreign" && f.message.includes("alice-laptop"))?.remedy).toMatch(
      /Filters/,
    );
  });

  it("but loses the answer is told again", async () => {
    home = await rig();
    home.emulator.cutAfter("DisallowWANAccessByIP");
    await home.bring(blockLaptop);
    expect(home.emulator.box.writes).toBe(2);
    expect(of(sampleMacs.laptop).blocked).toBe(true);
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(false);
  });

  it("and then we are gone is put right by who comes after", async () => {
    home = await rig({ settings: { requestTimeout: "PT1S" } });
    await home.bring(samplePlan([laptop(inClass("realtime"))]));
    const changes = await home.driver.plan(blockLaptop, await home.driver.read());
    home.emulator.spoil((action) => {
      if (action === "DisallowWANAccessByIP") setImmediate(() => void home.emulator.unplug());
      return undefined;
    });
    await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    home.emulator.spoil(undefined);
    await home.emulator.listen();
    const successor = await home.another();
    await successor.rollback();
    expect(of(sampleMacs.laptop)).toMatchObject({ blocked: false, priority: true });
    expect((await successor.plan(samplePlan([laptop(inClass("realtime"))]), await successor.read())).changes).toEqual([]);
  });
});

describe("what the owner of a FRITZ!Box has set", () => {
  const tablet = neutralDevice("tablet", ["02:00:00:00:00:41"], { blocked: true });

  it("counts as held, and stays when we go", async () => {
    home = await rig();
    const { changes } = await home.driver.plan(samplePlan([tablet]), await home.driver.read());
    expect(changes).toEqual([]);
    await home.bring(samplePlan([tablet]));
    await home.driver.release();
    expect(of("02:00:00:00:00:41").blocked).toBe(true);
    expect(home.emulator.box.writes).toBe(0);
  });

  it("stays his when he sets it while we look", async () => {
    home = await rig();
    const changes = await home.driver.plan(blockLaptop, await home.driver.read());
    of(sampleMacs.laptop).blocked = true;
    await home.driver.apply(changes, { confirmWithin: 30_000 });
    await home.driver.confirm();
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(true);
  });

  it("is no longer ours when he takes our block away", async () => {
    home = await rig();
    await home.bring(blockLaptop);
    of(sampleMacs.laptop).blocked = false;
    expect((await home.driver.plan(blockLaptop, await home.driver.read())).changes).toHaveLength(1);
    await home.bring(null);
    of(sampleMacs.laptop).blocked = true;
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(true);
  });

  it("is safe from a damaged record of what is ours", async () => {
    home = await rig();
    await home.bring(blockLaptop);
    const file = join(home.dataDir, "fritzbox.json");
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, -4));
    const writes = home.emulator.box.writes;
    const error = await failure(() => home.driver.release());
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/fritzbox\.json.*damaged/);
    expect(home.emulator.box.writes).toBe(writes);
    await writeFile(file, whole);
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(false);
  });
});

describe("addresses at a FRITZ!Box", () => {
  it("that another device has by now are not used for the one that had them", async () => {
    home = await rig();
    of(sampleMacs.laptop).active = false;
    of(sampleMacs.console).ipv4 = of(sampleMacs.laptop).ipv4;
    const { changes, omissions } = await home.driver.plan(blockLaptop, await home.driver.read());
    expect(changes).toEqual([]);
    expect(omissions.find((o) => o.field === "device.blocked")).toMatchObject({
      instead: "",
      why: expect.stringMatching(/no IPv4 address of its own/),
    });
    await home.bring(blockLaptop);
    expect(of(sampleMacs.console).blocked).toBe(false);
  });

  it("that change hands as we write bring nothing upon the other device", async () => {
    home = await rig();
    const changes = await home.driver.plan(blockLaptop, await home.driver.read());
    home.emulator.spoil((action) => {
      if (action === "DisallowWANAccessByIP" && of(sampleMacs.laptop).active) {
        of(sampleMacs.laptop).active = false;
        of(sampleMacs.console).ipv4 = of(sampleMacs.laptop).ipv4;
      }
      return undefined;
    });
    expect(await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }))).toBeInstanceOf(ReadBackMismatch);
    expect(of(sampleMacs.console).blocked).toBe(false);
    expect(of(sampleMacs.laptop).blocked).toBe(false);
  });

  it("that a device changes mean nothing to what it has", async () => {
    home = await rig();
    await home.bring(blockLaptop);
    of(sampleMacs.laptop).ipv4 = "192.168.178.99";
    expect((await home.driver.plan(blockLaptop, await home.driver.read())).changes).toEqual([]);
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(false);
  });

  it("that the host list points to elsewhere are not asked", async () => {
    home = await rig();
    const run = home.emulator.box.run.bind(home.emulator.box);
    home.emulator.box.run = (action, args, account) =>
      action === "X_AVM-DE_GetHostListPath" ? { "NewX_AVM-DE_HostListPath": "//192.0.2.1/list" } : run(action, args, account);
    expect((await failure(() => home.driver.read())).message).toMatch(/points to another address/);
  });
});

describe("what a FRITZ!Box is never told", () => {
  it("to block what the home network is made of, or who asks", async () => {
    home = await rig();
    const { emulator } = home;
    emulator.seedDevice({ mac: "02:00:00:00:00:51", ipv4: "192.168.178.3", hostname: "fritz.repeater", model: "FRITZ!Repeater 1200" });
    emulator.seedDevice({ mac: "02:00:00:00:00:52", ipv4: "192.168.178.4", hostname: "this-host", asking: true });
    emulator.seedDevice({ mac: "02:00:00:00:00:53", ipv4: "127.0.0.1", hostname: "fritz.box" });
    for (const mac of ["02:00:00:00:00:51", "02:00:00:00:00:52", "02:00:00:00:00:53"]) {
      const error = await failure(async () =>
        home.driver.plan(samplePlan([neutralDevice("x", [mac], { blocked: true })]), await home.driver.read()),
      );
      expect(error).toBeInstanceOf(UnsafePlan);
    }
    expect(emulator.box.writes).toBe(0);
  });
});

describe("what FRITZ!OS lacks", () => {
  it("is told from its own description: no priority before 7.57", async () => {
    home = await rig({ priority: false, version: "154.07.29" });
    const capabilities = await home.driver.capabilities();
    expect(capabilities.fields["device.class"]).toBe("impossible");
    expect(capabilities.fields["device.blocked"]).toBe("substituted");
    expect(capabilities.classes).toEqual(["default"]);
    const plan = samplePlan([laptop({ ...inClass("realtime"), blocked: true })]);
    const { omissions } = await home.driver.plan(plan, await home.driver.read());
    expect(omissions.find((o) => o.field === "device.class")?.why).toMatch(/7\.57/);
    await home.bring(plan);
    expect(of(sampleMacs.laptop)).toMatchObject({ blocked: true, priority: false });
    expect((await home.driver.doctor!()).find((f) => f.check === "priority")).toMatchObject({
      status: "warning",
      remedy: expect.stringMatching(/7\.57/),
    });
  });

  it("is told, too, for the host filter and the counters", async () => {
    home = await rig({ hostFilter: false, upnpStatus: false });
    const capabilities = await home.driver.capabilities();
    expect(capabilities.fields["device.blocked"]).toBe("impossible");
    expect(capabilities.counters).toBeNull();
    expect(await failure(() => home.driver.counters!())).toBeInstanceOf(Unsupported);
    expect((await home.driver.plan(blockLaptop, await home.driver.read())).changes).toEqual([]);
    const findings = await home.driver.doctor!();
    expect(findings.filter((f) => f.status !== "ok").map((f) => f.check)).toEqual(
      expect.arrayContaining(["right: internet access of devices", "counters"]),
    );
  });

  it("is what it lists without describing it", async () => {
    home = await rig({ missing: ["/x_hostfilterSCPD.xml", "/igdicfgSCPD.xml"] });
    const { fields, counters } = await home.driver.capabilities();
    expect(fields).toMatchObject({ "device.blocked": "impossible", "device.class": "substituted" });
    expect(counters).toBeNull();
  });

  it("is the whole of it when applications may not speak to the box", async () => {
    home = await rig({ tr064: false });
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(Unsupported);
    expect(error.message).toMatch(/Access Settings in the Home Network/);
    expect(await home.driver.doctor!()).toContainEqual(expect.objectContaining({ check: "TR-064", status: "failed" }));
  });
});

describe("rights at a FRITZ!Box", () => {
  it("that lack are named, with where to grant them, by the order and by doctor", async () => {
    home = await rig({ rights: ["App"] });
    const error = await failure(() => home.apply(blockLaptop));
    expect(error).toBeInstanceOf(PermissionMissing);
    expect((error as PermissionMissing).right).toBe("FRITZ!Box settings");
    expect(error.message).toMatch(/System > FRITZ!Box Users/);
    const findings = await home.driver.doctor!();
    const missing = findings.filter((f) => f.status === "failed").map((f) => f.check);
    expect(missing).toEqual(["right: FRITZ!Box settings", "right: internet access of devices"]);
    for (const finding of findings.filter((f) => f.status === "failed")) expect(finding.remedy).toMatch(/Tick "FRITZ!Box settings"/);
  });

  it("that are complete leave doctor nothing to say but about the plain connection and rivals", async () => {
    home = await rig();
    const findings = await home.driver.doctor!();
    expect(findings.filter((f) => f.status !== "ok").map((f) => f.check)).toEqual(["transport", "foreign"]);
    expect(home.emulator.box.writes).toBe(0);
  });
});

describe("what a FRITZ!Box sees", () => {
  it("are devices, as they are now", async () => {
    home = await rig();
    const clients = await home.driver.clients!();
    expect(clients).toHaveLength(5);
    expect(clients).toContainEqual({
      mac: "02:00:00:00:00:41",
      ipv4: "192.168.178.41",
      hostname: "kids & tablet",
      connected: true,
      via: "wifi",
    });
    expect(clients.find((c) => c.mac === "02:00:00:00:00:42")?.connected).toBe(false);
  });

  it("is what the line carried, beyond 32 bits", async () => {
    home = await rig();
    home.emulator.box.received = 2n ** 40n + 7n;
    expect((await home.driver.counters!()).wan).toEqual({ downBytes: 2 ** 40 + 7, upBytes: 5_000_000_000 });
  });

  it("are comings and goings", async () => {
    home = await rig();
    const stop = new AbortController();
    let changes = 0;
    home.emulator.spoil((action) => {
      if (action === "X_AVM-DE_GetChangeCounter") home.emulator.box.changeCounter++;
      return undefined;
    });
    await home.driver.events!(() => {
      changes++;
      if (changes === 2) stop.abort();
    }, stop.signal);
    expect(changes).toBe(2);
  });
});
