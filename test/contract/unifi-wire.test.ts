import { AuthFailed, LockedOut, Rejected, Unreachable } from "@network-personas/engine/driver";
import { BadInput } from "@network-personas/engine/model";
import { evening, laptop, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { failureOf } from "../emulators/shared/rig.ts";
import { type Rig, rig } from "../emulators/unifi/fixture.ts";
import type { WireFault } from "../emulators/unifi/index.ts";

const password = "s3cret/with:odd@signs";
const apiKey = "key-that-is-secret";
let home: Rig;
afterEach(() => home.stop());

const failure = (call: () => Promise<unknown>) => failureOf(call, password, apiKey);

describe("the login at a UniFi console", () => {
  it("is made once", async () => {
    home = await rig();
    await home.bring(workAndPlay());
    await home.driver.clients!();
    await home.bring(null);
    expect(home.emulator.sessions.logins).toBe(1);
    expect(home.emulator.connections()).toBe(1);
  });

  it("follows the token against forged requests", async () => {
    home = await rig();
    home.emulator.rotating = true;
    await home.bring(workAndPlay());
    await home.bring(evening());
    expect(home.emulator.sessions.logins).toBe(1);
  });

  it("has the token inside its cookie where no header tells it", async () => {
    home = await rig({ csrfInCookieOnly: true });
    await home.bring(workAndPlay());
    expect(home.emulator.sessions.logins).toBe(1);
  });

  it("is renewed when the console wants another token than the one it gave, which is no missing right", async () => {
    home = await rig();
    await home.driver.read();
    home.emulator.sessions.changeTokens();
    await home.bring(workAndPlay());
    expect(home.emulator.sessions.logins).toBe(2);
  });

  it("is renewed once when the console forgot it, and spaced out when it does so again and again", async () => {
    home = await rig();
    await home.driver.read();
    home.emulator.sessions.forgetAll();
    await home.driver.read();
    expect(home.emulator.sessions.logins).toBe(2);
    home.emulator.sessions.forgetAll();
    const error = await failure(() => home.driver.read());
    expect(error).toBeInstanceOf(LockedOut);
    expect(error.message).toMatch(/waiting 30 s/);
    expect(home.emulator.sessions.logins).toBe(2);
    await home.emulator.time.advance(31_000);
    await home.driver.read();
    expect(home.emulator.sessions.logins).toBe(3);
  });

  it("is given up after one refused password, whatever is asked then", async () => {
    home = await rig({ account: { password } });
    const driver = await home.another({ password: "wrong" });
    for (let i = 0; i < 4; i++) {
      expect(await failure(() => driver.read())).toBeInstanceOf(AuthFailed);
      await home.emulator.time.advance(60 * 60_000);
    }
    expect(home.emulator.sessions.refused).toBe(1);
  });

  it("waits when there were too many logins, longer every time", async () => {
    home = await rig();
    home.emulator.fault({ kind: "status", code: 429 });
    const error = await failure(() => home.driver.read());
    expect(error).toBeInstanceOf(LockedOut);
    expect(error.retryable).toBe(true);
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 300 s/);
    await home.emulator.time.advance(301_000);
    await failure(() => home.driver.read());
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 600 s/);
    home.emulator.fault(null);
    await home.emulator.time.advance(601_000);
    await home.driver.read();
  });

  it("waits as long as the console says", async () => {
    home = await rig();
    home.emulator.fault({ kind: "status", code: 429, headers: { "retry-after": "1000" } });
    await failure(() => home.driver.read());
    home.emulator.fault(null);
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 1000 s/);
    await home.emulator.time.advance(1_001_000);
    await home.driver.read();
  });

  it("explains that a second factor does not work", async () => {
    home = await rig({ account: { mfa: true } });
    const error = await failure(() => home.driver.read());
    expect(error).toBeInstanceOf(AuthFailed);
    expect(error.message).toMatch(/second factor.*Restrict to Local Access Only/);
    expect((await home.driver.doctor!()).find((f) => f.check === "login")).toMatchObject({ status: "failed" });
  });

  it("is not given up because the console was starting up", async () => {
    home = await rig({ classic: true });
    home.emulator.fault({ kind: "garbage" });
    expect(await failure(() => home.driver.read())).toBeInstanceOf(Rejected);
    home.emulator.fault(null);
    await home.driver.read();
  });
});

const badAnswers: [string, WireFault, typeof Rejected | typeof Unreachable, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected JSON but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "application/json" }, Rejected, /not one of UniFi's/],
  ["a number", { kind: "garbage", body: "42" }, Rejected, /not one of UniFi's/],
  ["an object of something else", { kind: "garbage", body: '{"hello":"world"}' }, Rejected, /not one of UniFi's/],
  ["JSON that ends too early", { kind: "truncate" }, Rejected, /ends too early/],
  ["without end", { kind: "huge", bytes: 60_000_000 }, Rejected, /larger than 16777216 bytes/],
  ["HTTP 502", { kind: "status", code: 502 }, Rejected, /HTTP 502/],
  ["a redirect", { kind: "redirect", to: "https://192.168.1.1/x?token=1" }, Rejected, /redirects to https:\/\/192\.168\.1\.1; set `url`/],
  ["not at all, the connection ends", { kind: "cut" }, Unreachable, /closed the connection/],
  ["not in time", { kind: "hang" }, Unreachable, /no complete answer within 1 s/],
];
describe("a UniFi console that answers badly", () => {
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

  it("gives its last answer again, which has no number to tell it by: a change notices, and leaves nothing half done", async () => {
    home = await rig({ account: { password }, settings: { requestTimeout: "PT1S" } });
    const plan = samplePlan([laptop({ blocked: true })]);
    const before = await home.driver.read();
    const changes = await home.driver.plan(plan, before);
    home.emulator.fault({ kind: "replay" });
    const error = await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    expect(error).toBeInstanceOf(Rejected);
    home.emulator.fault(null);
    await home.driver.rollback();
    expect(await home.driver.read()).toEqual(before);
    await home.apply(plan);
    expect((await home.driver.plan(plan, await home.driver.read())).changes).toEqual([]);
  });

  it("names the refusal of a policy", async () => {
    home = await rig();
    home.emulator.spoil(() => 400);
    const error = await failure(() => home.apply(samplePlan([laptop({ blocked: true })])));
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/api\.err\.Spoiled \(POST object-oriented-network-config\)/);
  });
});

describe("settings of a UniFi console", () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ url: undefined }, /routers\.main\.url.*https:\/\/192\.168\.1\.1/],
    [{ url: "https://me:secret@192.168.1.1" }, /must not hold a user name/],
    [{ password: undefined }, /routers\.main\.password/],
    [{ site: "../admin" }, /short name of a site/],
  ];
  for (const [settings, message] of bad) {
    it(`are refused: ${JSON.stringify(settings)}`, async () => {
      home = await rig();
      const error = await failure(() => home.another(settings));
      expect(error).toBeInstanceOf(BadInput);
      expect(error.message).toMatch(message);
    });
  }
});
