import { AuthFailed, LockedOut, Rejected, Unreachable, Unsupported } from "@network-personas/engine/driver";
import { BadInput } from "@network-personas/engine/model";
import { workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/fritzbox/fixture.ts";
import type { WireFault } from "../emulators/fritzbox/index.ts";
import { failureOf } from "../emulators/shared/rig.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const failure = (call: () => Promise<unknown>) => failureOf(call, password);

describe("the login at a FRITZ!Box", () => {
  it("is made once and its nonce used again", async () => {
    home = await rig();
    await home.bring(workAndPlay());
    await home.driver.clients!();
    await home.bring(null);
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

  it("is not given up where the box wants another nonce and says that it is no more than that", async () => {
    home = await rig({ password });
    await home.driver.identify();
    const { login } = home.emulator;
    const [check, challenge] = [login.check.bind(login), login.challenge.bind(login)];
    login.check = () => "challenge";
    login.challenge = () => `${challenge()}, stale=true`;
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(Rejected);
    expect(error.retryable).toBe(true);
    Object.assign(login, { check, challenge });
    await home.driver.identify();
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
    await home.bring(workAndPlay());
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

const badAnswers: [string, WireFault, typeof Rejected | typeof Unreachable | typeof Unsupported, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected XML but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "text/xml" }, Rejected, /got nothing/],
  ["JSON", { kind: "garbage", body: '{"hello":"world"}' }, Rejected, /something else/],
  ["XML of something else", { kind: "garbage", body: "<a><b/></a>", type: "text/xml" }, Rejected, /another question/],
  ["XML that ends too early", { kind: "truncate" }, Rejected, /damaged/],
  ["without end", { kind: "huge", bytes: 40_000_000 }, Rejected, /larger than 4194304 bytes/],
  ["HTTP 400", { kind: "status", code: 400 }, Rejected, /HTTP 400/],
  ["a redirect", { kind: "redirect", to: "https://192.168.178.1/x?sid=1" }, Rejected, /redirects to https:\/\/192\.168\.178\.1; set `url`/],
  ["its last answer again", { kind: "replay" }, Rejected, /another question/],
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
    [714, /knows no device there any more \(error 714\)/, true],
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
