import { Rejected } from "@network-personas/engine/driver";
import { laptop, samplePlan } from "@network-personas/engine/testing";
import { afterEach, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/openwrt/fixture.ts";
import { opensslFor, selfSigned } from "../support/certificate.ts";
import { describeIf } from "../support/require.ts";

const made = selfSigned("OpenWrt");

describeIf(opensslFor(made), "OpenWrt over https with a self-signed certificate", () => {
  let home: Rig;
  afterEach(() => home.stop());
  const password = "not to be seen by strangers";

  it("is used when its fingerprint is known, over one kept connection", async () => {
    home = await rig({ password, tls: made!, settings: { certificate: made!.fingerprint } });
    const { driver, emulator } = home;
    const plan = samplePlan([laptop({ blocked: true })]);
    await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
    await driver.confirm();
    expect(emulator.requests()).toBeGreaterThan(5);
    expect(emulator.connections()).toBe(1);
    expect((await driver.doctor!()).find((f) => f.check === "transport")?.status).toBe("ok");
  });

  it("is refused when it is another one, before a password is sent", async () => {
    home = await rig({
      password,
      tls: made!,
      settings: { certificate: made!.fingerprint.replace(/^../, (hex) => (hex === "00" ? "01" : "00")) },
    });
    const error = await home.driver.identify().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Rejected);
    expect((error as Error).message).toContain(made!.fingerprint);
    expect(home.emulator.requests()).toBe(0);
  });

  it("survives the router closing the kept connection", async () => {
    home = await rig({ password, tls: made!, settings: { certificate: made!.fingerprint } });
    await home.driver.identify();
    await home.emulator.unplug();
    await home.emulator.listen();
    expect((await home.driver.identify()).vendor).toBe("OpenWrt");
    expect(home.emulator.logins()).toBe(1);
  });
});
