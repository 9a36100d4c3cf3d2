import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DriverError, Rejected, Unreachable, Unsupported } from "@network-personas/engine/driver";
import { BadInput } from "@network-personas/engine/model";
import { laptop, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/openwrt/fixture.ts";
import type { WireFault } from "../emulators/openwrt/index.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const everything = (error: Error): string => {
  const seen: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    seen.push(at.message, at.stack ?? "", JSON.stringify(at, Object.getOwnPropertyNames(at)));
  return seen.join("\n");
};

/** A call that must reject with one typed error, in time, without secrets. */
async function failure(call: () => Promise<unknown>): Promise<DriverError> {
  const before = performance.now();
  const error = await call().then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(DriverError);
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(everything(error as DriverError)).not.toContain(password);
  expect((error as DriverError).message).toMatch(/^main: /);
  return error as DriverError;
}

const cases: [string, WireFault, typeof Rejected | typeof Unreachable | typeof Unsupported, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected JSON but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "application/json" }, Rejected, /got nothing/],
  ["a number", { kind: "garbage", body: "42" }, Rejected, /not JSON-RPC/],
  ["an object of something else", { kind: "garbage", body: '{"hello":"world"}' }, Rejected, /belongs to another question/],
  ["a list where one answer belongs", { kind: "garbage", body: "[]" }, Rejected, /./],
  ["JSON that ends too early", { kind: "truncate" }, Rejected, /ends too early/],
  ["the answer to another question", { kind: "wrong-id" }, Rejected, /another question/],
  ["without end", { kind: "huge", bytes: 40_000_000 }, Rejected, /larger than 4194304 bytes/],
  ["HTTP 500", { kind: "status", code: 500 }, Rejected, /HTTP 500/],
  ["HTTP 403", { kind: "status", code: 403 }, Rejected, /HTTP 403/],
  ["HTTP 404", { kind: "status", code: 404 }, Unsupported, /uhttpd-mod-ubus/],
  [
    "a redirect",
    { kind: "redirect", to: "https://192.168.1.1/ubus?token=x" },
    Rejected,
    /redirects to https:\/\/192\.168\.1\.1; set `url`/,
  ],
  ["its last answer again", { kind: "replay" }, Rejected, /another question/],
  ["not at all, the connection ends", { kind: "cut" }, Unreachable, /closed the connection/],
  ["not in time", { kind: "hang" }, Unreachable, /no complete answer within 1\.5 s/],
];

describe("an OpenWrt router that answers badly", () => {
  for (const [what, fault, kind, message] of cases) {
    // Before the login there is no answer to give again.
    for (const when of fault.kind === "replay" ? (["later"] as const) : (["at the login", "later"] as const)) {
      it(`answers ${what} ${when}: one clear error`, async () => {
        home = await rig({ password, settings: { requestTimeout: "PT1.5S" } });
        if (when === "later") await home.driver.identify();
        home.emulator.fault(fault);
        const error = await failure(() => home.driver.read());
        expect(error).toBeInstanceOf(kind);
        expect(error.message).toMatch(message);
        home.emulator.fault(null);
        await home.driver.read();
      });
    }
  }

  it("5xx may be tried again, 4xx not", async () => {
    home = await rig({ password });
    home.emulator.fault({ kind: "status", code: 503 });
    expect((await failure(() => home.driver.read())).retryable).toBe(true);
    home.emulator.fault({ kind: "status", code: 401 });
    expect((await failure(() => home.driver.read())).retryable).toBe(false);
  });

  it("is not there: Unreachable", async () => {
    home = await rig({ password });
    await home.emulator.unplug();
    const error = await failure(() => home.driver.identify());
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(/refuses connections/);
  });

  it("is slow but within the limit: served", async () => {
    home = await rig({ password, settings: { requestTimeout: "PT2S" } });
    home.emulator.fault({ kind: "delay", ms: 100 }, 2);
    expect((await home.driver.identify()).vendor).toBe("OpenWrt");
  });

  it("drips its answer for ever: ended in time all the same", async () => {
    home = await rig({ password });
    const drip: Server = createServer((_request, response) => {
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => drip.listen(0, "127.0.0.1", resolve));
    try {
      const other = await home.another({ url: `http://127.0.0.1:${(drip.address() as AddressInfo).port}`, requestTimeout: "PT1.5S" });
      expect(await failure(() => other.identify())).toBeInstanceOf(Unreachable);
    } finally {
      drip.closeAllConnections();
      drip.close();
    }
  });

  it("answers a call with a payload of another shape: Rejected, naming the call", async () => {
    home = await rig({ password });
    home.emulator.spoil(({ object, method }) =>
      object === "network.interface" && method === "dump" ? [0, { interface: "none" }] : undefined,
    );
    const error = await failure(() => home.driver.read());
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/not what OpenWrt sends.*network\.interface dump/);
  });

  it("cuts the connection in the middle of staging: nothing of it stays", async () => {
    home = await rig({ password });
    const set = await home.driver.plan(samplePlan([laptop({ blocked: true })]), await home.driver.read());
    home.emulator.cutAfter("uci", "add");
    await failure(() => home.driver.apply(set, { confirmWithin: 30_000 }));
    expect(home.emulator.router.store.file("firewall")!.sections.some((s) => s.name.startsWith("np_"))).toBe(false);
    await home.driver.apply(set, { confirmWithin: 30_000 });
    await home.driver.confirm();
    expect(home.emulator.router.connect({ mac: sampleMacs.laptop, address: "192.168.1.11" })).toBeUndefined();
  });

  it("never sees the password in what is logged", async () => {
    home = await rig({ password });
    home.emulator.router.brokenDropIn = true;
    const set = await home.driver.plan(samplePlan([laptop({ blocked: true })]), await home.driver.read());
    await home.driver.apply(set, { confirmWithin: 30_000 }).catch(() => {});
    expect(home.logged.join("\n")).not.toContain(password);
  });
});

describe("OpenWrt settings", () => {
  const wrong: [string, Record<string, unknown>, string, RegExp][] = [
    ["no url", { url: undefined }, "routers.main.url", /address of the router/],
    ["a url that is none", { url: "192.168.1.1" }, "routers.main.url", /address of the router/],
    ["another protocol", { url: "ftp://192.168.1.1" }, "routers.main.url", /address of the router/],
    ["a password in the url", { url: `http://root:${encodeURIComponent(password)}@192.168.1.1` }, "routers.main.url", /must not hold/],
    ["no password", { password: undefined }, "routers.main.password", /env: NAME/],
    ["no user name", { username: undefined }, "routers.main.username", /account made for us/],
    ["one zone for both sides", { lanZone: "wan" }, "routers.main.wanZone", /another zone/],
    ["a device that is none", { wanDevice: "eth1; reboot" }, "routers.main.wanDevice", /network device/],
    ["a time that is none", { confirmWithin: "soon" }, "routers.main.confirmWithin", /duration/],
    ["a fingerprint that is none", { certificate: "abc" }, "routers.main.certificate", /SHA-256/],
  ];
  for (const [what, settings, field, message] of wrong) {
    it(`${what}: names ${field}`, async () => {
      home = await rig({ password });
      const error = await home.another(settings).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(BadInput);
      expect((error as BadInput).field).toBe(field);
      expect((error as BadInput).message).toMatch(message);
      expect((error as BadInput).message).not.toContain(password);
    });
  }

  it("lets fields of the engine and of the future pass", async () => {
    home = await rig({ password, settings: { note: "upstairs" } });
    expect((await home.driver.identify()).vendor).toBe("OpenWrt");
  });

  it("a path of its own in url is used", async () => {
    home = await rig({ password });
    const other = await home.another({ url: `${home.emulator.url}/elsewhere` });
    expect((await failure(() => other.identify())).message).toMatch(/nothing at \/elsewhere/);
  });
});
