import assert from "node:assert/strict";
import { AuthFailed, type RouterDriver, Unreachable } from "../../driver/index.ts";
import { evening, workAndPlay } from "../sample-plans.ts";
import { applyOnly, assertHolds, assertNoSecrets, bring, confirmWithin, difference, driverError, type Suite } from "./harness.ts";

/** Whatever goes wrong at the router arrives as a typed error in time, and is over when it is over. */
export function faultCases({ fixture, test, testFault, testIf }: Suite): void {
  const calls: Record<string, (driver: RouterDriver) => Promise<unknown>> = {
    "identify()": (d) => d.identify(),
    "read()": (d) => d.read(),
    "release()": (d) => d.release(),
  };
  for (const fault of ["unreachable", "hang", "garbage"] as const) {
    testFault(fault, `${fault}: every call ends with a typed error`, async (router) => {
      await bring(router.driver, workAndPlay());
      const changes = await difference(router.driver, evening());
      await router.inject(fault);
      const all = { ...calls, "apply()": (d: RouterDriver) => d.apply(changes, { confirmWithin }) };
      for (const [what, call] of Object.entries(all)) {
        const error = await driverError(router, `${what} with fault "${fault}"`, () => call(router.driver));
        if (fault !== "garbage")
          assert.ok(error instanceof Unreachable && error.retryable, `${what} should say Unreachable, not ${error.name}: ${error.message}`);
        assertNoSecrets(fixture.secrets, error, `the error of ${what}`);
      }
    });

    testFault(fault, `${fault}: when it is over the same driver works again`, async (router) => {
      await router.inject(fault);
      await driverError(router, "read()", () => router.driver.read());
      await router.inject(null);
      // Drivers may wait between attempts.
      await router.advance(10 * 60_000);
      await router.driver.rollback();
      await bring(router.driver, workAndPlay());
      await assertHolds(router.driver, workAndPlay(), `after "${fault}"`);
    });
  }

  testFault("refuse-login", "a refused login says so, without the password", async (router) => {
    await router.inject("refuse-login");
    const driver = await router.restartDriver();
    const error = await driverError(router, "identify()", () => driver.identify());
    assert.ok(error instanceof AuthFailed, `expected AuthFailed, got ${error.name}`);
    assert.equal(error.retryable, false);
    assertNoSecrets(fixture.secrets, error, "the error of a refused login");
  });

  test("secrets appear in nothing a driver returns", async ({ driver }) => {
    const state = await driver.read();
    const results = [
      await driver.identify(),
      await driver.capabilities(),
      state,
      await driver.plan(workAndPlay(), state),
      await driver.doctor?.(),
      await driver.clients?.(),
    ];
    assertNoSecrets(fixture.secrets, results, "a result");
  });

  testIf(fixture.reboots, "after a restart of the router the plan can be applied again", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, workAndPlay());
    await router.reboot!();
    assert.deepEqual((await router.snapshot()).foreign, before.foreign);
    await router.advance(5_000);
    await bring(router.driver, workAndPlay());
    await assertHolds(router.driver, workAndPlay(), "after the router restarted");
  });

  test("close() can be called twice, and after an unconfirmed apply", async ({ driver }) => {
    await applyOnly(driver, workAndPlay());
    await driver.close();
    await driver.close();
  });
}
