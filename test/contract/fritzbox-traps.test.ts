import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AuthFailed,
  type DriverError,
  LockedOut,
  PermissionMissing,
  ReadBackMismatch,
  Rejected,
  type RouterDriver,
  Unreachable,
  UnsafePlan,
  Unsupported,
} from "@network-personas/engine/driver";
import { BadInput, type NetworkPlan } from "@network-personas/engine/model";
import { inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/fritzbox/fixture.ts";
import type { WireFault } from "../emulators/fritzbox/index.ts";
import { opensslFor, selfSigned } from "../support/certificate.ts";
import { describeIf } from "../support/require.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const blockLaptop = samplePlan([laptop({ blocked: true })]);
const of = (mac: string) => home.emulator.box.devices.find((device) => device.mac === mac)!;
const apply = async (plan: NetworkPlan | null, driver: RouterDriver = home.driver) =>
  driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
const bring = async (plan: NetworkPlan | null) => {
  await apply(plan);
  await home.driver.confirm();
};
const failure = async (call: () => Promise<unknown>): Promise<DriverError> => {
  const error = await call().then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Error);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(password);
  return error as DriverError;
};

describe("the login at a FRITZ!Box", () => {
  it("is made once and its nonce used again", async () => {
    home = await rig();
    await bring(workAndPlay());
    await home.driver.clients!();
    await bring(null);
    expect(home.emulator.login.challenges).toBe(1);
    expect(home.emulator.connections()).toBe(1);
  });

  it("is renewed when the nonce has ended, without a wrong password", async () => {
    home = await rig();
    await home.driver.identify();
    await home.emulator.time.advance(6 * 60_000);
    await home.driver.identify();
    home.emulator.login.forgetNonces();
    await home.driver.identify();
    expect(home.emulator.login.challenges).toBe(3);
    expect(home.emulator.login.wrong).toBe(0);
  });

  it("is given up after one refused password, whatever is asked then", async () => {
    home = await rig({ password });
    const driver = await home.another({ password: "wrong" });
    for (let i = 0; i < 4; i++) {
      expect(await failure(() => driver.read())).toBeInstanceOf(AuthFailed);
      await home.emulator.time.advance(60 * 60_000);
    }
    expect(home.emulator.login.wrong).toBe(1);
  });

  it("is given up, too, when the password was changed under it", async () => {
    home = await rig({ password });
    await home.driver.identify();
    home.emulator.login.accounts[0]!.password = "new";
    // The answer to a nonce in use may be refused for its age, too, and then the box lets nobody in for a moment.
    expect(await failure(() => home.driver.identify())).toBeInstanceOf(LockedOut);
    for (let i = 0; i < 4; i++) {
      await home.emulator.time.advance(60 * 60_000);
      expect(await failure(() => home.driver.identify())).toBeInstanceOf(AuthFailed);
    }
    expect(home.emulator.login.wrong).toBe(2);
  });

  it("waits when the box wants to be left alone, longer every time", async () => {
    home = await rig();
    await home.driver.identify();
    home.emulator.fault({ kind: "status", code: 503 });
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(LockedOut);
    expect(error.retryable).toBe(true);
    const requests = home.emulator.requests();
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 30 s/);
    expect(home.emulator.requests()).toBe(requests);
    await home.emulator.time.advance(31_000);
    await failure(() => home.driver.identify());
    expect((await failure(() => home.driver.identify())).message).toMatch(/asking again in 60 s/);
    home.emulator.fault(null);
    await home.emulator.time.advance(61_000);
    await home.driver.identify();
  });

  it("leaves neither password nor session id in a log or an error", async () => {
    home = await rig({ password, settings: { requestTimeout: "PT1S" } });
    await bring(workAndPlay());
    const run = home.emulator.box.run.bind(home.emulator.box);
    home.emulator.box.run = (action, args, account) => {
      const result = run(action, args, account);
      return action === "X_AVM-DE_GetHostListPath" ? { "NewX_AVM-DE_HostListPath": "/devicehostlist.lua?sid=0123456789abcdef" } : result;
    };
    const error = await failure(() => home.driver.read());
    expect(error.message).toContain("HTTP 403");
    expect(`${error.message}${error.stack}${home.logged.join()}`).not.toMatch(/0123456789abcdef/);
  });
});

describe("a FRITZ!Box that says yes", () => {
  it("is waited for until the block is in force", async () => {
    home = await rig({ blockDelay: 25_000 });
    const before = home.emulator.time.now();
    await bring(blockLaptop);
    expect(home.emulator.time.now() - before).toBeGreaterThanOrEqual(25_000);
    expect(of(sampleMacs.laptop).blocked).toBe(true);
  });

  it("and lets the device through all the same is not believed", async () => {
    home = await rig();
    of(sampleMacs.laptop).profileWins = true;
    const error = await failure(() => apply(blockLaptop));
    expect(error).toBeInstanceOf(ReadBackMismatch);
    expect(error.message).toMatch(/alice-laptop.*access profile/);
    expect(of(sampleMacs.laptop).blocked).toBe(false);
    of(sampleMacs.laptop).blocked = true;
    expect((await home.driver.read()).foreign.join()).toMatch(/alice-laptop.*access profile/);
    expect((await home.driver.doctor!()).find((f) => f.check === "foreign" && f.message.includes("alice-laptop"))?.remedy).toMatch(
      /Filters/,
    );
  });

  it("but loses the answer is told again", async () => {
    home = await rig();
    home.emulator.cutAfter("DisallowWANAccessByIP");
    await bring(blockLaptop);
    expect(home.emulator.box.writes).toBe(2);
    expect(of(sampleMacs.laptop).blocked).toBe(true);
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(false);
  });

  it("and then we are gone is put right by who comes after", async () => {
    home = await rig({ settings: { requestTimeout: "PT1S" } });
    await bring(samplePlan([laptop(inClass("realtime"))]));
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
    await bring(samplePlan([tablet]));
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
    await bring(blockLaptop);
    of(sampleMacs.laptop).blocked = false;
    expect((await home.driver.plan(blockLaptop, await home.driver.read())).changes).toHaveLength(1);
    await bring(null);
    of(sampleMacs.laptop).blocked = true;
    await home.driver.release();
    expect(of(sampleMacs.laptop).blocked).toBe(true);
  });

  it("is safe from a damaged record of what is ours", async () => {
    home = await rig();
    await bring(blockLaptop);
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
    await bring(blockLaptop);
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
    await bring(blockLaptop);
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
    await bring(plan);
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
    const error = await failure(() => apply(blockLaptop));
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

const badAnswers: [string, WireFault, typeof Rejected | typeof Unreachable | typeof Unsupported, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected XML but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "text/xml" }, Rejected, /got nothing/],
  ["JSON", { kind: "garbage", body: '{"hello":"world"}' }, Rejected, /something else/],
  ["XML of something else", { kind: "garbage", body: "<a><b/></a>", type: "text/xml" }, Rejected, /another question/],
  ["XML that ends too early", { kind: "truncate" }, Rejected, /damaged/],
  ["without end", { kind: "huge", bytes: 40_000_000 }, Rejected, /larger than 4194304 bytes/],
  ["HTTP 400", { kind: "status", code: 400 }, Rejected, /HTTP 400/],
  ["a redirect", { kind: "redirect", to: "https://192.168.178.1/x?sid=1" }, Rejected, /redirects to https:\/\/192\.168\.178\.1; set `url`/],
  ["not at all, the connection ends", { kind: "cut" }, Unreachable, /closed the connection/],
  ["not in time", { kind: "hang" }, Unreachable, /no complete answer within 1 s/],
];
describe("a FRITZ!Box that answers badly", () => {
  for (const [what, fault, kind, message] of badAnswers) {
    it(`answers ${what}: one clear error`, async () => {
      home = await rig({ password, settings: { requestTimeout: "PT1S" } });
      await home.driver.read();
      home.emulator.fault(fault);
      const error = await failure(() => home.driver.read());
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toMatch(message);
      home.emulator.fault(null);
      await home.driver.read();
    });
  }

  const faults: [number, RegExp, boolean][] = [
    [402, /error 402/, false],
    [501, /error 501/, true],
    [603, /error 603/, true],
    [820, /error 820/, true],
    [866, /second factor/, false],
    [868, /error 868/, true],
  ];
  for (const [code, message, retryable] of faults) {
    it(`answers UPnP error ${code}: ${retryable ? "may be tried again" : "is final"}`, async () => {
      home = await rig();
      home.emulator.spoil((action) => (action === "GetInfo" ? code : undefined));
      const error = await failure(() => home.driver.identify());
      expect(error.message).toMatch(message);
      expect(error.retryable).toBe(retryable);
    });
  }

  it("looks again what the box can do when an action is gone", async () => {
    home = await rig();
    await home.driver.identify();
    home.emulator.spoil(() => 401);
    expect(await failure(() => home.driver.identify())).toBeInstanceOf(Unsupported);
    home.emulator.spoil(undefined);
    await home.driver.identify();
  });
});

describe("settings of a FRITZ!Box", () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ url: "ftp://fritz.box" }, /routers\.main\.url.*https:\/\/fritz\.box/],
    [{ url: "http://me:secret@fritz.box" }, /must not hold a user name/],
    [{ username: "" }, /routers\.main\.username/],
    [{ password: undefined }, /routers\.main\.password/],
    [{ certificate: "AA" }, /SHA-256 fingerprint/],
  ];
  for (const [settings, message] of bad) {
    it(`are refused: ${JSON.stringify(settings)}`, async () => {
      home = await rig();
      const error = await failure(() => home.another(settings));
      expect(error).toBeInstanceOf(BadInput);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain("secret@");
    });
  }
});

const first = selfSigned("fritz.box");
describeIf(opensslFor(first), "a FRITZ!Box over https", () => {
  const second = selfSigned("fritz.box");

  it("is remembered on first use, also over restarts, and no other is spoken to", async () => {
    home = await rig({ tls: first! });
    await home.driver.identify();
    expect((await home.driver.doctor!()).find((f) => f.check === "transport")?.status).toBe("ok");
    await (await home.another()).identify();
    const impostor = await rig({ tls: second! });
    try {
      const error = await failure(async () => (await home.another({ url: impostor.emulator.url })).identify());
      expect(error).toBeInstanceOf(Rejected);
      expect(error.message).toContain(second!.fingerprint);
      expect(error.message).toMatch(/certificate\.json/);
      expect(impostor.emulator.requests()).toBe(0);
    } finally {
      await impostor.stop();
    }
  });

  it("is believed when its fingerprint was agreed on, whatever was remembered", async () => {
    home = await rig({ tls: first! });
    await home.driver.identify();
    await (await home.another({ certificate: first!.fingerprint })).identify();
    expect((await failure(async () => (await home.another({ certificate: second!.fingerprint })).identify())).message).toMatch(/agreed on/);
  });
});
