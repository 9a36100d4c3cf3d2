import type { RouterDriver } from "@network-personas/engine/driver";
import { describe, expect, it } from "vitest";
import { plans } from "../crash/plans.ts";
import { rig as asuswrt } from "../emulators/asuswrt/fixture.ts";
import { rig as fritzbox } from "../emulators/fritzbox/fixture.ts";
import { rig as unifi } from "../emulators/unifi/fixture.ts";

/** What this needs of an emulated router with a driver in front of it. */
interface Interrupted {
  driver: RouterDriver;
  another(): Promise<RouterDriver>;
  goDarkAt(request: number, when: "before" | "after"): void;
  listen(): Promise<void>;
  /** Everything it keeps, without what it numbers and dates itself. */
  kept(): unknown;
  stop(): Promise<void>;
}

const routers: Record<string, () => Promise<Interrupted>> = {
  async asuswrt() {
    // Its web server is away after a change, so that there is more to interrupt.
    const { emulator, driver, another, stop } = await asuswrt({ awayTime: 8, settings: { qos: "traditional" } });
    const kept = () => structuredClone({ ...emulator.router.nvram, rc_service: "" });
    return { ...emulator, driver, another, stop, kept };
  },
  async fritzbox() {
    const { emulator, driver, another, stop } = await fritzbox();
    return { ...emulator, driver, another, stop, kept: () => structuredClone(emulator.box.devices) };
  },
  async unifi() {
    const { emulator, driver, another, stop } = await unifi();
    const nameOf = (one: Record<string, unknown>) => String(one.name);
    const kept = () =>
      structuredClone([
        emulator.site.networks,
        emulator.site.collections
          .objects!.map(({ id: _, created_at: __, ...rest }) => rest)
          .sort((a, b) => nameOf(a).localeCompare(nameOf(b))),
      ]);
    return { ...emulator, driver, another, stop, kept };
  },
};

/** Longer than any change of these routers takes. */
const most = 60;

describe("a change that ends in the middle, with router and engine gone", () => {
  for (const [name, start] of Object.entries(routers)) {
    for (const when of ["before", "after"] as const) {
      it(`${name}: ${when} any request of it, the next start brings back what was there`, async () => {
        let interrupted = 0;
        for (let request = 1; ; request++) {
          expect(request).toBeLessThan(most);
          const router = await start();
          try {
            await router.driver.apply(await router.driver.plan(plans.old, await router.driver.read()), { confirmWithin: 30_000 });
            await router.driver.confirm();
            const kept = router.kept();
            const changes = await router.driver.plan(plans.new, await router.driver.read());
            router.goDarkAt(request, when);
            const finished = await router.driver.apply(changes, { confirmWithin: 30_000 }).then(
              () => true,
              () => false,
            );
            await router.listen();
            if (finished) break;
            interrupted++;
            const successor = await router.another();
            await successor.rollback();
            expect(router.kept(), `${when} request ${request}`).toEqual(kept);
            await successor.apply(await successor.plan(plans.new, await successor.read()), { confirmWithin: 30_000 });
            await successor.confirm();
            expect((await successor.plan(plans.new, await successor.read())).changes).toEqual([]);
            await successor.release();
            expect((await successor.plan(null, await successor.read())).changes).toEqual([]);
          } finally {
            await router.stop();
          }
        }
        expect(interrupted).toBeGreaterThan(3);
      });
    }
  }
});
