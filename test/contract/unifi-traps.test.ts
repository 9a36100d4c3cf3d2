import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthFailed, PermissionMissing, ReadBackMismatch, UnsafePlan } from "@network-personas/engine/driver";
import { evening, inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { failureOf } from "../emulators/shared/rig.ts";
import { type Rig, rig } from "../emulators/unifi/fixture.ts";

const password = "s3cret/with:odd@signs";
const apiKey = "key-that-is-secret";
let home: Rig;
afterEach(() => home.stop());

const objects = () => home.emulator.site.collections.objects!;
const ours = () => objects().filter((one) => String(one.name).startsWith("np: "));
const failure = (call: () => Promise<unknown>) => failureOf(call, password, apiKey);

describe("policies of a UniFi console", () => {
  it("are one object for a device, shaped as the web interface writes them", async () => {
    home = await rig();
    await home.bring(
      samplePlan([
        laptop({ ...inClass("realtime"), ceiling: { down: 20_000, up: null }, blockedApplications: ["zoom"], tunnel: "office" }),
      ]),
    );
    const none = { enabled: false, values: [] };
    expect(ours()).toEqual([
      expect.objectContaining({
        enabled: true,
        name: "np: alice-laptop",
        target_type: "CLIENTS",
        targets: [sampleMacs.laptop],
        secure: {
          enabled: true,
          internet: {
            mode: "BLOCKLIST",
            everything: false,
            apps: none,
            domains: { enabled: true, values: ["zoom.us"] },
            ip_addresses: none,
            regions: none,
            schedule: { mode: "ALWAYS" },
          },
        },
        route: expect.objectContaining({ enabled: true, kill_switch: true, network_id: home.emulator.site.networks[2]!._id }),
        qos: expect.objectContaining({
          mode: "LIMIT_AND_PRIORITIZE",
          download_limit: { enabled: true, limit: 20_000, burst: "DISABLED" },
          upload_limit: { enabled: false, limit: 10_000, burst: "DISABLED" },
        }),
      }),
    ]);
  });

  it("keep what the console alone knows of them", async () => {
    home = await rig();
    await home.bring(samplePlan([laptop({ blocked: true })]));
    const [before] = ours();
    Object.assign(before!, { origin: "USER" });
    await home.bring(samplePlan([laptop({ ceiling: { down: 20_000, up: 5_000 } })]));
    const [after] = ours();
    expect(after).toMatchObject({ id: before!.id, created_at: before!.created_at, origin: "USER", secure: { enabled: false } });
  });

  it("that its owner changed by hand are set right, and said to be", async () => {
    home = await rig();
    const plan = samplePlan([laptop({ blocked: true })]);
    await home.bring(plan);
    Object.assign(ours()[0]!, { enabled: false });
    const { changes } = await home.driver.plan(plan, await home.driver.read());
    expect(changes).toEqual([expect.objectContaining({ action: "set", before: expect.stringContaining("switched off") })]);
    await home.bring(plan);
    expect(ours()[0]!.enabled).toBe(true);
  });

  it("that were made twice because an answer got lost are one again", async () => {
    home = await rig();
    home.emulator.cutAfter("POST");
    await home.bring(samplePlan([laptop({ blocked: true })]));
    expect(home.emulator.requests().filter((one) => one.startsWith("POST") && one.includes("config")).length).toBe(1);
    expect(ours()).toHaveLength(1);
  });

  it("that are gone already because an answer got lost are gone", async () => {
    home = await rig();
    await home.bring(samplePlan([laptop({ blocked: true })]));
    home.emulator.cutAfter("DELETE");
    await home.bring(null);
    expect(ours()).toEqual([]);
  });

  it("that the console did not take over are not believed, and undone", async () => {
    home = await rig();
    await home.bring(evening());
    const before = structuredClone(ours());
    const create = home.emulator.site.create.bind(home.emulator.site);
    home.emulator.site.create = (kind, body) => create(kind, { ...body, enabled: false });
    home.emulator.site.replace = () => ({});
    expect(await failure(() => home.apply(samplePlan([neutralDevice("tv", [sampleMacs.tv], { blocked: true })])))).toBeInstanceOf(
      ReadBackMismatch,
    );
    expect(ours().map((one) => one.name)).toEqual(expect.arrayContaining(before.map((one) => one.name)));
    expect(ours().some((one) => one.name === "np: tv")).toBe(false);
  });

  it("go away together with what an older version had", async () => {
    home = await rig({ rules: true });
    home.emulator.site.collections.rules!.push({
      ...home.emulator.site.collections.rules![0]!,
      _id: "5f0000000000000000000001",
      description: "np: alice-laptop",
    });
    await home.bring(samplePlan([laptop({ blocked: true })]));
    await home.driver.release();
    expect(ours()).toEqual([]);
    expect(home.emulator.site.collections.rules!.map((rule) => rule.description)).toEqual(["Kids at night"]);
  });

  it("are put right by who comes after when we are gone in the middle", async () => {
    home = await rig({ settings: { requestTimeout: "PT1S" } });
    await home.bring(evening());
    const strip = () => ours().map(({ id: _, created_at: __, ...rest }) => rest);
    const before = structuredClone(strip());
    const changes = await home.driver.plan(workAndPlay(), await home.driver.read());
    let writes = 0;
    home.emulator.spoil(() => {
      if (++writes === 2) setImmediate(() => void home.emulator.unplug());
      return undefined;
    });
    await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    home.emulator.spoil(undefined);
    await home.emulator.listen();
    await (await home.another()).rollback();
    expect(strip()).toEqual(before);
  });

  it("stay as they are when our record is damaged", async () => {
    home = await rig();
    await home.apply(samplePlan([laptop({ blocked: true })]));
    const file = join(home.dataDir, "unifi.json");
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, -4));
    const writes = home.emulator.site.writes;
    expect((await failure(() => home.driver.rollback())).message).toMatch(/unifi\.json.*damaged/);
    expect(home.emulator.site.writes).toBe(writes);
  });
});

describe("an older UniFi Network", () => {
  it("blocks and limits by traffic rules, and says what it lacks", async () => {
    home = await rig({ objects: false, rules: true, version: "8.6.9" });
    const capabilities = await home.driver.capabilities();
    for (const field of ["device.class", "device.tunnel", "device.blockedApplications"] as const)
      expect(capabilities.fields[field]).toBe("impossible");
    expect(capabilities.fields["device.blocked"]).toBe("lowered");
    expect(capabilities.tunnels).toEqual([]);
    const plan = samplePlan([
      laptop({ blocked: true, ...inClass("realtime") }),
      neutralDevice("tv", [sampleMacs.tv], { ceiling: { down: 8_000, up: null }, tunnel: "office", blockedApplications: ["zoom"] }),
    ]);
    const { omissions } = await home.driver.plan(plan, await home.driver.read());
    expect(
      omissions
        .filter((o) => o.device !== null)
        .map((o) => o.field)
        .sort(),
    ).toEqual(["device.blockedApplications", "device.class", "device.tunnel"]);
    await home.bring(plan);
    const rules = home.emulator.site.collections.rules!.filter((rule) => String(rule.description).startsWith("np: "));
    expect(rules.map((rule) => [rule.description, rule.action, rule.bandwidth_limit])).toEqual([
      ["np: alice-laptop", "BLOCK", { enabled: false, download_limit_kbps: 1024, upload_limit_kbps: 1024 }],
      ["np: tv", "ALLOW", { enabled: true, download_limit_kbps: 8_000, upload_limit_kbps: 100_000_000 }],
    ]);
    expect((await home.driver.plan(plan, await home.driver.read())).changes).toEqual([]);
    await home.driver.release();
    expect(home.emulator.site.collections.rules!.map((rule) => rule.description)).toEqual(["Kids at night"]);
  });

  it("without any of it does nothing and says so", async () => {
    home = await rig({ objects: false });
    expect(Object.values((await home.driver.capabilities()).fields).every((support) => support === "impossible")).toBe(true);
    const { changes, omissions } = await home.driver.plan(samplePlan([laptop({ blocked: true })]), await home.driver.read());
    expect(changes).toEqual([]);
    expect(omissions).toContainEqual(expect.objectContaining({ field: "device.blocked", why: expect.stringMatching(/Updates/) }));
    await home.bring(samplePlan([laptop({ blocked: true })]));
    await home.driver.release();
    expect(home.emulator.site.writes).toBe(0);
  });
});

describe("rights at a UniFi console", () => {
  it("that lack are named, with where to grant them, by the order and by doctor", async () => {
    home = await rig({ account: { admin: false } });
    const error = await failure(() => home.apply(samplePlan([laptop({ blocked: true })])));
    expect(error).toBeInstanceOf(PermissionMissing);
    expect((error as PermissionMissing).right).toBe("Network: Site Admin");
    const missing = (await home.driver.doctor!()).filter((f) => f.status === "failed");
    expect(missing).toEqual([
      expect.objectContaining({ check: "right: Network: Site Admin", remedy: expect.stringMatching(/Admins & Users/) }),
    ]);
  });

  it("that are complete leave doctor nothing to say but about the plain connection and the owner's own limits", async () => {
    home = await rig();
    const findings = await home.driver.doctor!();
    expect(findings.filter((f) => f.status !== "ok").map((f) => f.check)).toEqual(["transport", "foreign"]);
    expect(home.emulator.site.writes).toBe(0);
  });

  it("do not reach a site that is not there", async () => {
    home = await rig({ settings: { site: "office" } });
    expect(await failure(() => home.driver.identify())).toBeInstanceOf(PermissionMissing);
    expect((await home.driver.doctor!()).find((f) => f.check === "site")).toMatchObject({
      status: "failed",
      remedy: expect.stringMatching(/default/),
    });
  });

  it("and a WAN without Smart Queues are pointed out", async () => {
    home = await rig();
    home.emulator.site.networks[1]!.wan_smartq_enabled = false;
    expect((await home.driver.doctor!()).find((f) => f.check === "shaper")).toMatchObject({
      status: "warning",
      message: expect.stringMatching(/Internet 1/),
    });
  });
});

describe("what a UniFi console is never told", () => {
  it("to block what the network is made of", async () => {
    home = await rig();
    for (const wish of [{ blocked: true }, { tunnel: "office" }, { blockedApplications: ["zoom"] }]) {
      const plan = samplePlan([neutralDevice("gateway", ["02:00:00:0A:0A:01"], wish)]);
      const error = await failure(async () => home.driver.plan(plan, await home.driver.read()));
      expect(error).toBeInstanceOf(UnsafePlan);
      expect(error.message).toMatch(new RegExp(`"gateway".*devices\\.gateway\\.${Object.keys(wish)[0]}`));
    }
  });
});

describe("what a UniFi console sees", () => {
  it("are stations, with when they were seen last", async () => {
    home = await rig();
    const now = Math.floor(home.emulator.time.now() / 1000);
    home.emulator.seedStation({ mac: "02:00:00:00:00:77", hostname: "gone", last_seen: now - 400 });
    home.emulator.seedStation({ mac: "not an address", hostname: "odd" });
    const clients = await home.driver.clients!();
    expect(clients.map((c) => c.hostname).sort()).toEqual(["alice-laptop", "bob-console", "gone", "tv"]);
    expect(clients.find((c) => c.hostname === "gone")?.connected).toBe(false);
    expect(clients.find((c) => c.hostname === "bob-console")).toMatchObject({ via: "wired", ipv4: "192.168.1.22", connected: true });
  });

  it("is told of every station, whatever else of it is odd", async () => {
    home = await rig();
    const odd = { ip: null, hostname: null, name: "", is_wired: null, last_seen: null, rx_bytes: null, tx_bytes: -1 };
    home.emulator.seedStation({ mac: "02:00:00:00:00:77", ...(odd as object) });
    expect(await home.driver.clients!()).toContainEqual({ mac: "02:00:00:00:00:77", connected: true, via: "wifi" });
    expect((await home.driver.counters!()).devices.has("02:00:00:00:00:77")).toBe(false);
  });

  it("is compared with itself when the console's clock is wrong", async () => {
    home = await rig();
    for (const station of home.emulator.site.stations) station.last_seen = 1_000;
    home.emulator.site.stations[2]!.last_seen = 600;
    expect((await home.driver.clients!()).map((c) => c.connected)).toEqual([true, true, false]);
  });

  it("is counted from the device's side: what an access point receives was sent by the device", async () => {
    home = await rig();
    const { devices } = await home.driver.counters!();
    expect(devices.get(sampleMacs.laptop)).toEqual({ upBytes: 1_000, downBytes: 9_000 });
    expect(devices.get(sampleMacs.console)).toEqual({ upBytes: 2_000, downBytes: 80_000 });
    expect(devices.has(sampleMacs.tv)).toBe(false);
  });

  it("is asked of the official API when there is a key, page by page and without a login", async () => {
    home = await rig({ apiKey, settings: { apiKey } });
    const clients = await home.driver.clients!();
    expect(clients).toHaveLength(3);
    expect(clients[0]).toEqual({ mac: sampleMacs.laptop, ipv4: "192.168.1.21", hostname: "alice-laptop", connected: true, via: "wifi" });
    expect(home.emulator.sessions.logins).toBe(0);
    expect((await home.driver.doctor!()).find((f) => f.check === "key of the official API")?.status).toBe("ok");
  });

  it("and of another site than the one it is about the official API tells nothing", async () => {
    home = await rig({ apiKey, settings: { apiKey } });
    const sites = (...names: string[]) =>
      JSON.stringify({
        offset: 0,
        limit: 200,
        count: names.length,
        totalCount: names.length,
        data: names.map((name) => ({ id: name, internalReference: name })),
      });
    home.emulator.fault({ kind: "garbage", type: "application/json", body: sites("office", "shop") });
    expect((await failure(() => home.driver.clients!())).message).toMatch(/sees no site "default"/);
  });

  it("and a list of the official API that never ends is left", async () => {
    home = await rig({ apiKey, settings: { apiKey } });
    const page = (data: unknown[]) => JSON.stringify({ offset: 0, limit: 200, count: data.length, totalCount: 1_000_000_000, data });
    home.emulator.fault({ kind: "garbage", type: "application/json", body: page(Array.from({ length: 200 }, () => ({ id: "x" }))) });
    expect((await failure(() => home.driver.clients!())).message).toMatch(/more than 10000 entries/);
  });

  it("and a wrong key hurts nothing else", async () => {
    home = await rig({ apiKey: "another", settings: { apiKey } });
    expect(await failure(() => home.driver.clients!())).toBeInstanceOf(AuthFailed);
    await home.bring(workAndPlay());
    expect((await home.driver.doctor!()).find((f) => f.check === "key of the official API")?.remedy).toMatch(/Integrations/);
  });
});
