import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInput } from "@network-personas/engine/model";
import { laptop, sampleApplications, samplePlan, TestClock } from "@network-personas/engine/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { VirtualDriver } from "./driver.ts";
import { driver as module } from "./index.ts";

let dataDir: string;
let clock: TestClock;
let warnings: string[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "np-virtual-"));
  // A Monday; 11:00 in Berlin.
  clock = new TestClock("2026-01-05T10:00:00Z");
  warnings = [];
});
afterEach(() => rm(dataDir, { recursive: true }));

const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
const start = (settings: object = {}) =>
  new VirtualDriver({
    settings: { id: "main", driver: "virtual", timeZone: "Europe/Berlin", ...settings },
    router: "main",
    home: { id: "home" },
    dataDir,
    clock,
    log,
    applications: sampleApplications,
    protectedMacs: new Set(),
  });
const mac = { laptop: "02:00:00:00:00:11", phone: "02:00:00:00:00:12", tv: "02:00:00:00:00:31", guest: "02:00:00:00:00:99" };
const say = (clients: unknown) => writeFile(join(dataDir, "clients.json"), typeof clients === "string" ? clients : JSON.stringify(clients));
const connected = async (driver: VirtualDriver) => (await driver.clients()).filter((c) => c.connected).map((c) => c.mac);

describe("settings", () => {
  it("are checked, and what is wrong is named", () => {
    expect(() => start({ clients: [{ mac: "nonsense" }] })).toThrow(BadInput);
    expect(() => start({ clients: [{ mac: "nonsense" }] })).toThrow(/routers\.main\.clients\.0\.mac: expected a MAC address/);
    expect(() => start({ colour: "blue" })).toThrow(/routers\.main\.colour: is not a known field/);
    expect(() => start({ timeZone: "Mars/Olympus" })).toThrow(/routers\.main\.timeZone: expected an IANA time zone/);
  });
  it("have no way to bring about faults", () => {
    expect(() => start({ faults: ["hang"] })).toThrow(/faults/);
  });
  it("reach the driver through the module", async () => {
    const driver = await module.create({
      settings: { id: "main", driver: "virtual", tunnels: ["office"] },
      router: "main",
      home: { id: "home" },
      dataDir,
      clock,
      log,
      applications: sampleApplications,
      protectedMacs: new Set(),
    });
    expect((await driver.capabilities()).tunnels).toEqual(["office"]);
  });
});

describe("clients", () => {
  it("come and go with their schedule in the home's zone, over midnight too", async () => {
    const schedule = [{ days: ["mon"], from: "22:00", to: "02:00" }];
    const driver = start({ clients: [{ mac: mac.tv, schedule }, { mac: mac.laptop, connected: false }, { mac: mac.phone }] });
    const seen: Record<string, boolean> = {};
    for (const time of [
      "2026-01-05T20:59:00Z",
      "2026-01-05T21:00:00Z",
      "2026-01-06T00:59:00Z",
      "2026-01-06T01:00:00Z",
      "2026-01-06T21:30:00Z",
    ]) {
      await clock.advance(Date.parse(time) - clock.now());
      seen[time] = (await connected(driver)).includes(mac.tv);
      expect(await connected(driver)).toContain(mac.phone);
      expect(await connected(driver)).not.toContain(mac.laptop);
    }
    expect(Object.values(seen)).toEqual([false, true, true, false, false]);
  });

  it("can be changed and added while we run, with clients.json", async () => {
    const driver = start({ clients: [{ mac: mac.laptop, hostname: "alice-laptop", via: "wired" }] });
    await say([
      { mac: mac.laptop.toUpperCase(), connected: false },
      { mac: mac.guest, hostname: "guest" },
    ]);
    expect(await driver.clients()).toEqual([
      { mac: mac.laptop, hostname: "alice-laptop", via: "wired", connected: false },
      { mac: mac.guest, hostname: "guest", via: "wifi", connected: true },
    ]);
    await rm(join(dataDir, "clients.json"));
    expect(await driver.clients()).toEqual([{ mac: mac.laptop, hostname: "alice-laptop", via: "wired", connected: true }]);
  });

  it("stay as they were while clients.json makes no sense, which is said once and by doctor", async () => {
    const driver = start();
    await say([{ mac: mac.guest }]);
    expect(await connected(driver)).toEqual([mac.guest]);
    for (const nonsense of ["[{", '[{"mac":"x"}]']) {
      warnings.length = 0;
      await say(nonsense);
      expect(await connected(driver)).toEqual([mac.guest]);
      await driver.clients();
      expect(warnings).toHaveLength(1);
      expect((await driver.doctor()).find((f) => f.check === "clients")).toMatchObject({
        status: "failed",
        remedy: expect.stringContaining("clients.json"),
      });
    }
    await say([]);
    expect((await driver.doctor()).map((f) => f.status)).toEqual(["ok", "ok"]);
  });

  it("that change call back until told to stop", async () => {
    const driver = start();
    const stop = new AbortController();
    let calls = 0;
    const watching = driver.events(() => calls++, stop.signal);
    await clock.advance(5_000);
    expect(calls).toBe(0);
    await say([{ mac: mac.guest }]);
    // What is read from disk takes real time.
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(calls).toBe(1);
    });
    stop.abort();
    await watching;
  });

  it("live a household's days when asked to: somebody sleeps at four, somebody is up at nine, the camera never rests", async () => {
    const clients = [
      { mac: mac.laptop, kind: "laptop", owner: "alice" },
      { mac: mac.phone, kind: "phone", owner: "alice" },
      { mac: mac.tv, kind: "tv" },
      { mac: mac.guest, kind: "camera" },
    ];
    const driver = start({ clients, household: { seed: 3 } });
    const hoursOn: Record<string, number> = {};
    await clock.advance(Date.parse("2026-01-05T23:00:00Z") - clock.now());
    for (let hour = 0; hour < 24 * 5; hour++) {
      for (const present of await connected(driver)) hoursOn[present] = (hoursOn[present] ?? 0) + 1;
      await clock.advance(3_600_000);
    }
    expect(hoursOn[mac.guest]).toBe(120);
    expect(hoursOn[mac.laptop]).toBeGreaterThan(10);
    expect(hoursOn[mac.laptop]).toBeLessThan(80);
    expect(hoursOn[mac.phone]).toBeGreaterThan(hoursOn[mac.laptop]!);
    const twin = start({ clients, household: { seed: 3 } });
    expect(await twin.clients()).toEqual(await driver.clients());
  });
});

describe("counters", () => {
  const bytes = async (driver: VirtualDriver, of: string) => (await driver.counters()).devices.get(of)!;

  it("grow as what the client does, and not at all while it is away", async () => {
    const driver = start({
      shows: "totals",
      clients: [
        { mac: mac.tv, activity: "streaming-enthusiast" },
        { mac: mac.laptop, connected: false, activity: "video-editor" },
      ],
    });
    await driver.counters();
    await clock.advance(10_000);
    expect(await bytes(driver, mac.tv)).toEqual({ downBytes: 12_000 * 125 * 10, upBytes: 150 * 125 * 10 });
    expect(await bytes(driver, mac.laptop)).toEqual({ downBytes: 0, upBytes: 0 });
    const { wan } = await driver.counters();
    expect(wan).toEqual({ downBytes: 12_000 * 125 * 10, upBytes: 150 * 125 * 10 });
  });

  it("obey the plan: ceilings and blocks bite", async () => {
    const driver = start({ shows: "totals", clients: [{ mac: mac.laptop, activity: "video-editor" }] });
    const bring = async (wishes: Parameters<typeof laptop>[0]) => {
      await driver.apply(await driver.plan(samplePlan([laptop(wishes)]), await driver.read()), { confirmWithin: 1_000 });
      await driver.confirm();
      await driver.counters();
      const before = await bytes(driver, mac.laptop);
      await clock.advance(8_000);
      const after = await bytes(driver, mac.laptop);
      return { down: (after.downBytes - before.downBytes) / 1_000, up: (after.upBytes - before.upBytes) / 1_000 };
    };
    expect(await bring({})).toEqual({ down: 3_000, up: 6_000 });
    expect(await bring({ ceiling: { down: null, up: 2_000 } })).toEqual({ down: 3_000, up: 2_000 });
    expect(await bring({ blocked: true })).toEqual({ down: 0, up: 0 });
  });
});

describe("what is on disk", () => {
  it("can be read by people, survives a restart, and is nobody's but the router's", async () => {
    const driver = start();
    await driver.apply(await driver.plan(samplePlan([laptop({ weight: 3 })]), await driver.read()), { confirmWithin: 60_000 });
    const state = JSON.parse(await readFile(join(dataDir, "router.json"), "utf8"));
    expect(state.sections["np-device-alice-laptop"]).toEqual({
      tag: "np",
      about: "alice-laptop",
      options: { macs: [mac.laptop], weight: 3 },
    });
    expect(state.sections.wifi.tag).toBeUndefined();
    expect(state.unconfirmed).toEqual({ undoAt: "2026-01-05T10:01:00.000Z", previous: {} });
    await clock.advance(59_999);
    expect(Object.keys((await start().read()).owned as object)).toHaveLength(2);
    await clock.advance(1);
    expect((await start().read()).owned).toEqual({});
  });

  it("that belongs to somebody else is never overwritten, whatever it is called", async () => {
    const driver = start();
    const state = await driver.read();
    const set = await driver.plan(samplePlan([]), state);
    const payload = { sections: { "np-lookalike": { tag: "np", about: "wan", options: {} } } };
    await expect(driver.apply({ ...set, payload }, { confirmWithin: 1_000 })).rejects.toThrow(
      /main: a section "np-lookalike" exists that is not ours/,
    );
    await expect(driver.apply({ ...set, payload: { sections: 7 } }, { confirmWithin: 1_000 })).rejects.toThrow(/not made by this driver/);
  });

  it("that makes no sense is reported with what to do, and left alone", async () => {
    const broken = '{"format":1,"sections":';
    await writeFile(join(dataDir, "router.json"), broken);
    const driver = start();
    await expect(driver.read()).rejects.toThrow(/main: router\.json.*delete it to start anew/);
    await expect(driver.release()).rejects.toThrow(/router\.json/);
    expect((await driver.doctor())[0]).toMatchObject({ status: "failed" });
    expect(await readFile(join(dataDir, "router.json"), "utf8")).toBe(broken);
  });
});

describe("connections", () => {
  it("are shown when asked for, and look like what each client is used for", async () => {
    expect((await start().capabilities()).flows).toBeUndefined();
    const driver = start({ clients: [{ mac: mac.laptop, activity: "gamer" }], shows: "connections" });
    expect((await driver.capabilities()).flows).toEqual({ everyMs: 1_000 });
    await driver.flows();
    await clock.advance(10_000);
    const [game] = await driver.flows();
    expect(game).toMatchObject({ mac: mac.laptop, protocol: "udp", ageMs: 10_000, upPackets: 640, upBytes: 640 * 90 });
    await say([{ mac: mac.laptop, activity: "video-editor" }]);
    const [upload] = await driver.flows();
    expect(upload).toMatchObject({ protocol: "tcp", upPackets: 0 });
    expect(upload!.id).not.toBe(game!.id);
    await say([{ mac: mac.laptop, connected: false }]);
    expect(await driver.flows()).toEqual([]);
  });
});
