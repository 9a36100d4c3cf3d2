import { Rejected } from "@network-personas/engine/driver";
import { expect, it } from "vitest";
import { rig as asuswrt } from "../emulators/asuswrt/fixture.ts";
import { rig as fritzbox } from "../emulators/fritzbox/fixture.ts";
import { rig as openwrt } from "../emulators/openwrt/fixture.ts";
import { rig as routeros } from "../emulators/routeros/fixture.ts";
import { type DriverRig, failureOf } from "../emulators/shared/rig.ts";
import { rig as unifi } from "../emulators/unifi/fixture.ts";
import { opensslFor, type SelfSigned, selfSigned } from "../support/certificate.ts";
import { describeIf } from "../support/require.ts";

// How drivers meet the self-signed certificates that all routers have.

type Rig = DriverRig & { emulator: { url: string; requests(): unknown } };
const password = "not to be seen by strangers";
const routers: Readonly<Record<string, (tls: SelfSigned) => Promise<Rig>>> = {
  asuswrt: (tls) => asuswrt({ tls, account: { password } }),
  fritzbox: (tls) => fritzbox({ tls, password }),
  openwrt: (tls) => openwrt({ tls, password }),
  routeros: (tls) => routeros({ tls, account: { password } }),
  unifi: (tls) => unifi({ tls, account: { password } }),
};
const [first, second] = [selfSigned("router"), selfSigned("router")];
/** What was asked of a router. */
const asked = ({ emulator }: Rig) => JSON.stringify(emulator.requests());

describeIf(opensslFor(first), "the certificate of a router", () => {
  it.for(Object.entries(routers))("%s: is remembered on first use, also over restarts, and no other is spoken to", async ([, start]) => {
    const home = await start(first!);
    const impostor = await start(second!);
    try {
      await home.driver.identify();
      expect((await home.driver.doctor!()).find((f) => f.check === "transport")?.status).toBe("ok");
      await (await home.another()).identify();
      const before = asked(impostor);
      const error = await failureOf(async () => (await home.another({ url: impostor.emulator.url })).identify(), password);
      expect(error).toBeInstanceOf(Rejected);
      expect(error.message).toContain(second!.fingerprint);
      expect(error.message).toMatch(/another certificate than before.*certificate\.json/);
      expect(asked(impostor)).toBe(before);
    } finally {
      await impostor.stop();
      await home.stop();
    }
  });

  it.for(Object.entries(routers))("%s: is believed when it was agreed on, whatever was remembered, and no other is", async ([, start]) => {
    const home = await start(first!);
    try {
      await home.driver.identify();
      await (await home.another({ certificate: first!.fingerprint })).identify();
      const before = asked(home);
      const error = await failureOf(async () => (await home.another({ certificate: second!.fingerprint })).identify(), password);
      expect(error.message).toMatch(/agreed on/);
      expect(asked(home)).toBe(before);
    } finally {
      await home.stop();
    }
  });
});
