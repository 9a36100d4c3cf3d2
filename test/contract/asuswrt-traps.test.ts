import { AuthFailed, LockedOut, Rejected, Unreachable } from "@network-personas/engine/driver";
import { BadInput, inEnglish, type NetworkPlan } from "@network-personas/engine/model";
import { evening, laptop, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/asuswrt/fixture.ts";
import type { WireFault } from "../emulators/asuswrt/index.ts";
import { failureOf } from "../emulators/shared/rig.ts";

const password = "s3cret/with:odd@signs+ä";
let home: Rig;
afterEach(() => home.stop());

const blockLaptop = samplePlan([laptop({ blocked: true })]);
const limitLaptop = samplePlan([laptop({ ceiling: { down: 20_000, up: 5_000 } })]);
const traditional = { settings: { qos: "traditional" } };
const limiter = { settings: { qos: "limiter" } };

const whyNot = async (plan: NetworkPlan, field: string) =>
  (await home.planned(plan)).omissions.find((omission) => omission.field === field && omission.instead === "")?.why;
const failure = async (call: () => Promise<unknown>) => {
  const error = await failureOf(call);
  const text = JSON.stringify(error, Object.getOwnPropertyNames(error));
  for (const secret of [password, Buffer.from(`admin:${password}`).toString("base64")]) expect(text).not.toContain(secret);
  return error;
};
const findings = async (status: string) => (await home.driver.doctor!()).filter((f) => f.status === status).map((f) => f.check);

describe("the login at an ASUS router", () => {
  it("is made once, and ended when we go", async () => {
    home = await rig({ account: { password } });
    await home.bring(blockLaptop);
    await home.driver.clients!();
    await home.bring(null);
    expect(home.emulator.sessions).toMatchObject({ logins: 1, logouts: 0 });
    await home.driver.close();
    expect(home.emulator.sessions.logouts).toBe(1);
    expect(home.logged.join()).not.toContain(password);
    expect(home.emulator.requests().join()).not.toMatch(/asus_token|login_authorization/);
  });

  it("ends what is under way when we go, for whoever comes after to put right", async () => {
    home = await rig({ awayTime: 60 });
    const changes = await home.planned(blockLaptop);
    const applied = failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    while (home.emulator.router.writes === 0) await new Promise((resolve) => setImmediate(resolve));
    await home.driver.close();
    expect((await applied).message).toMatch(/shutting down|closed the connection/);
    await home.emulator.time.advance(120_000);
    const successor = await home.another();
    await successor.rollback();
    expect(home.emulator.router.nvram.MULTIFILTER_ENABLE).toBe("2>1");
  });

  it("is renewed when it was forgotten, in the middle of a change, too", async () => {
    home = await rig();
    const changes = await home.planned(blockLaptop);
    await home.emulator.time.advance(40 * 60_000);
    await home.driver.apply(changes, { confirmWithin: 30_000 });
    expect(home.emulator.router.effect.blocked).toContain(sampleMacs.laptop);
    expect(home.emulator.sessions.logins).toBe(2);
  });

  it("is given up after one refused password, whatever is asked then", async () => {
    home = await rig({ account: { password } });
    const driver = await home.another({ password: "wrong" });
    for (let i = 0; i < 4; i++) {
      expect(await failure(() => driver.read())).toBeInstanceOf(AuthFailed);
      await home.emulator.time.advance(60 * 60_000);
    }
    expect(home.emulator.sessions.wrong).toBe(1);
  });

  it("waits as long as the router says when somebody has guessed", async () => {
    home = await rig();
    const guess = await Promise.all(["a", "b", "c", "d", "e"].map((wrong) => home.another({ password: wrong })));
    for (const driver of guess) await failure(() => driver.identify());
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(LockedOut);
    expect(error.message).toMatch(/for 300 s/);
    const requests = home.emulator.requests().length;
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 300 s/);
    expect(home.emulator.requests()).toHaveLength(requests);
    await home.emulator.time.advance(301_000);
    await home.driver.identify();
  });

  it("stops at a captcha, which no program passes", async () => {
    home = await rig();
    home.emulator.sessions.captchaAfter = 0;
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(AuthFailed);
    expect(error.message).toMatch(/captcha.*by hand/);
    const requests = home.emulator.requests().length;
    await failure(() => home.driver.identify());
    expect(home.emulator.requests()).toHaveLength(requests);
  });

  it("does not fight with a person for the one place there is", async () => {
    home = await rig();
    for (let i = 0; i < 2; i++) {
      await home.driver.identify();
      home.emulator.sessions.humanLogin();
    }
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(LockedOut);
    expect(error.message).toMatch(/somebody else keeps logging in.*waiting 60 s/);
    expect(home.emulator.sessions).toMatchObject({ logins: 2, human: true });
    await home.emulator.time.advance(61_000);
    await home.driver.identify();
  });

  it("is not sent again when nobody knows whether it was taken, even if a person came in meanwhile", async () => {
    home = await rig();
    home.emulator.cutAfterLogin();
    const asked = failure(() => home.driver.identify());
    expect(await asked).toBeInstanceOf(Unreachable);
    home.emulator.sessions.humanLogin();
    expect((await failure(() => home.driver.read())).message).toMatch(/last login was not answered.*waiting 60 s/);
    expect(home.emulator.sessions).toMatchObject({ logins: 1, human: true });
    await home.emulator.time.advance(61_000);
    await home.driver.identify();
    expect(home.emulator.sessions.logins).toBe(2);
  });

  it("is refused while somebody else is in, where the firmware does so, and says whom to send out", async () => {
    home = await rig();
    home.emulator.sessions.human = true;
    home.emulator.sessions.second = "is refused";
    expect((await failure(() => home.driver.identify())).message).toMatch(/another administrator is logged in.*log out there/);
    await home.emulator.time.advance(61_000);
    expect(await home.driver.doctor!()).toContainEqual(
      expect.objectContaining({ check: "session", status: "failed", remedy: expect.stringMatching(/Log out/) }),
    );
    home.emulator.sessions.human = false;
    await home.emulator.time.advance(600_000);
    await home.driver.identify();
  });
});

describe("what ASUSWRT lacks", () => {
  it("is told from what the firmware says: no DNS Director in the maker's", async () => {
    home = await rig({ buildno: "388", extendno: "24198", model: "RT-AX58U" });
    expect((await home.driver.capabilities()).fields).toMatchObject({
      "device.malwareFilter": "impossible",
      "device.familyFilter": "impossible",
      "device.blocked": "lowered",
    });
    expect(await whyNot(samplePlan([laptop({ familyFilter: true })]), "device.familyFilter")).toMatch(/Merlin/);
    expect(await home.driver.identify()).toEqual({ vendor: "ASUS", model: "RT-AX58U", firmware: "3.0.0.4.388_24198" });
    expect(await findings("warning")).toEqual(["transport", "DNS Director", "QoS"]);
  });

  it("is everything, in an access point", async () => {
    home = await rig({ nvram: { sw_mode: "3" }, ...traditional });
    const { fields } = await home.driver.capabilities();
    expect(new Set(Object.values(fields))).toEqual(new Set(["impossible"]));
    const { changes, omissions } = await home.planned(workAndPlay());
    expect(changes).toEqual([]);
    expect(omissions.find((o) => o.field === "line.shaper")?.why).toMatch(/access point/);
    expect(await findings("failed")).toEqual(["mode"]);
  });

  it("are limits for IPv6, which is said where it is on", async () => {
    home = await rig({ nvram: { ipv6_service: "dhcp6" }, ...limiter });
    expect((await home.driver.capabilities()).fields["device.ceiling"]).toBe("substituted");
    expect((await home.planned(limitLaptop)).omissions.find((o) => o.field === "device.ceiling")).toMatchObject({
      instead: "IPv4 is limited",
      why: expect.stringMatching(/IPv6/),
    });
    expect(await findings("warning")).toContain("IPv6");
  });

  for (const [type, words] of [
    ["1", /Adaptive QoS/],
    ["3", /GeForce NOW/],
    ["9", /CAKE/],
    ["17", /another one/],
  ] as const)
    it(`is a word about single devices in QoS of type ${type}`, async () => {
      home = await rig({ nvram: { qos_enable: "1", qos_type: type }, ...traditional });
      expect((await home.driver.read()).foreign.map((found) => inEnglish(found)).join()).toMatch(words);
      expect((await home.planned(evening())).changes).toEqual([]);
      expect(await home.driver.doctor!()).toContainEqual(
        expect.objectContaining({ check: "QoS", status: "warning", message: expect.stringMatching(words) }),
      );
      expect(await findings("warning")).toEqual(["transport", "QoS", "setting qos", "foreign"]);
    });
});

describe("doctor at an ASUS router", () => {
  it("has nothing to say where all is well but the plain connection, and writes nothing", async () => {
    home = await rig(traditional);
    expect(await findings("warning")).toEqual(["transport"]);
    expect(await findings("failed")).toEqual([]);
    expect(home.emulator.router.writes).toBe(0);
  });

  it("says what defeats a plan", async () => {
    home = await rig({ nvram: { MULTIFILTER_BLOCK_ALL: "1", qos_enable: "1", qos_type: "0" }, buildno: "380" });
    const all = await home.driver.doctor!();
    expect(all).toContainEqual(expect.objectContaining({ check: "foreign", message: "parental control blocks all devices" }));
    expect(all).toContainEqual(expect.objectContaining({ check: "QoS rates", status: "warning" }));
    expect(all).toContainEqual(expect.objectContaining({ check: "firmware", status: "warning" }));
  });
});

describe("what an ASUS router sees", () => {
  it("are devices, as it saw them when it was last asked to look", async () => {
    home = await rig();
    const clients = await home.driver.clients!();
    expect(clients).toContainEqual({
      mac: sampleMacs.laptop,
      ipv4: "192.168.50.21",
      hostname: "alice-laptop",
      connected: true,
      via: "wifi",
    });
    expect(clients).toContainEqual({ mac: sampleMacs.tv, hostname: "tv", connected: false, via: "wifi" });
    home.emulator.router.stations[0]!.isOnline = "0";
    const connected = async () => (await home.driver.clients!()).find((client) => client.mac === sampleMacs.laptop)?.connected;
    expect(await connected()).toBe(true);
    await home.emulator.time.advance(31_000);
    expect(await connected()).toBe(false);
  });

  it("is what the line carried, where a key comes twice the last", async () => {
    home = await rig();
    expect((await home.driver.counters!()).wan).toEqual({ downBytes: 0xeb9a134fe, upBytes: 0x227d6b665 });
  });
});

const badAnswers: [string, WireFault, typeof Rejected | typeof Unreachable, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected JSON but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "text/html" }, Rejected, /got nothing/],
  ["JSON of something else", { kind: "garbage", body: '{"hello":"world"}' }, Rejected, /lacks the variable/],
  ["a list", { kind: "garbage", body: "[1,2]" }, Rejected, /lacks the variable/],
  ["JSON that ends too early", { kind: "truncate" }, Rejected, /damaged/],
  ["JSON without end", { kind: "garbage", body: "[".repeat(100_000) }, Rejected, /damaged/],
  ["without end", { kind: "huge", bytes: 10_000_000 }, Rejected, /larger than 4194304 bytes/],
  ["an error nobody knows", { kind: "garbage", body: '{"error_status":"77"}' }, Rejected, /error 77/],
  ["that it wants another name", { kind: "garbage", body: '{"error_status":"4"}' }, Rejected, /set `url`/],
  ["HTTP 503", { kind: "status", code: 503 }, Rejected, /HTTP 503/],
  [
    "a redirect",
    { kind: "redirect", to: "https://192.168.50.1:8443/x?token=1" },
    Rejected,
    /redirects to https:\/\/192\.168\.50\.1:8443; set `url`/,
  ],
  ["its last answer again", { kind: "replay" }, Rejected, /lacks the variable/],
  ["not at all, the connection ends", { kind: "cut" }, Unreachable, /closed the connection/],
  ["not in time", { kind: "hang" }, Unreachable, /no complete answer within 1 s/],
];
describe("an ASUS router that answers badly", () => {
  for (const [what, fault, kind, message] of badAnswers) {
    it(`answers ${what}: one clear error`, async () => {
      home = await rig({ account: { password }, settings: { requestTimeout: "PT1S" } });
      await home.driver.read();
      home.emulator.fault(fault);
      const error = await failure(() => home.driver.read());
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toMatch(message);
      home.emulator.fault(null);
      await home.driver.read();
    });
  }

  it("once by ending the connection is asked again", async () => {
    home = await rig();
    await home.driver.identify();
    home.emulator.resetNext();
    await home.driver.read();
  });

  it("over http although it wants https says so itself", async () => {
    home = await rig({ httpsOnly: true });
    expect((await failure(() => home.driver.identify())).message).toMatch(/over https; set `url` to https:\/\/192\.168\.50\.1:8443/);
  });

  it("with text that is no UTF-8 is not written back", async () => {
    home = await rig();
    await home.driver.read();
    home.emulator.fault({
      kind: "garbage",
      body: '{"sw_mode":"1","firmver":"3.0.0.4","rc_support":"","buildno":"388.1","ipv6_service":"&#228bc"}',
    });
    expect((await failure(() => home.driver.release())).message).toMatch(/ipv6_service is not text in UTF-8/);
    expect(home.emulator.router.writes).toBe(0);
  });
});

describe("settings of an ASUS router", () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ url: "ftp://router" }, /routers\.main\.url.*https:\/\/192\.168\.50\.1:8443/],
    [{ url: "http://me:secret@router" }, /must not hold a user name/],
    [{ username: "" }, /routers\.main\.username/],
    [{ password: undefined }, /routers\.main\.password/],
    [{ qos: "cake" }, /routers\.main\.qos.*keep, traditional, limiter/],
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
