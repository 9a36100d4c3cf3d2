import assert from "node:assert/strict";
import { UnsafePlan } from "../../driver/index.ts";
import type { DevicePlan } from "../../model/index.ts";
import { neutralDevice, sampleMacs, samplePlan, workAndPlay } from "../sample-plans.ts";
import { assertHolds, bring, difference, type Suite } from "./harness.ts";

/** A driver itself refuses what would cut our own path, whoever asks. */
export function safetyCases({ test }: Suite): void {
  const dangers: Record<string, Partial<DevicePlan>> = {
    blocks: { blocked: true },
    isolates: { isolated: true },
    starves: { ceiling: { down: 32, up: null } },
    "starves upstream": { ceiling: { down: null, up: 16 } },
  };
  for (const [verb, wish] of Object.entries(dangers)) {
    test(`refuses a plan that ${verb} a protected device`, async (router) => {
      await bring(router.driver, workAndPlay());
      const before = await router.snapshot();
      const macs = [sampleMacs.laptop, sampleMacs.protected.toUpperCase()];
      await assert.rejects(difference(router.driver, samplePlan([neutralDevice("engine-host", macs, wish)])), (error: unknown) => {
        assert.ok(error instanceof UnsafePlan, `expected UnsafePlan, got ${String(error)}`);
        assert.match(error.message, /engine-host/);
        return true;
      });
      assert.deepEqual(await router.snapshot(), before);
    });
  }

  test("helps a protected device like any other", async ({ driver }) => {
    const plan = samplePlan([neutralDevice("engine-host", [sampleMacs.protected], { class: "interactive", dscp: 34, weight: 2 })]);
    await bring(driver, plan);
    await assertHolds(driver, plan, "for a protected device");
  });
}
