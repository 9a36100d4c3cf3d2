import assert from "node:assert/strict";
import { evening, workAndPlay } from "../sample-plans.ts";
import { applyOnly, assertForeignKept, assertHolds, bring, confirmWithin, driverError, type Suite } from "./harness.ts";

/** What is not confirmed goes away again; what is confirmed stays. */
export function undoCases({ fixture, test, testFault, testIf }: Suite): void {
  const byRouter = fixture.rollback === "router";

  testIf(byRouter, "an apply nobody confirms is undone by the router", async (router) => {
    await bring(router.driver, evening());
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    await router.advance(2 * confirmWithin);
    assert.deepEqual(await router.snapshot(), before);
    await assertHolds(router.driver, evening(), "after the router rolled back");
  });

  testIf(byRouter, "the router undoes it although the engine is gone", async (router) => {
    await bring(router.driver, evening());
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.close();
    await router.advance(2 * confirmWithin);
    await assertHolds(await router.restartDriver(), evening(), "after the router rolled back");
    assert.deepEqual(await router.snapshot(), before);
  });

  testIf(byRouter, "a confirmation that comes too late is refused, not believed", async (router) => {
    await applyOnly(router.driver, workAndPlay());
    await router.advance(2 * confirmWithin);
    await driverError(router, "a late confirm()", () => router.driver.confirm());
  });

  test("an apply within its time is not undone early", async (router) => {
    await applyOnly(router.driver, workAndPlay());
    await router.advance(confirmWithin / 3);
    await assertHolds(router.driver, workAndPlay(), "before the time to confirm is over");
    await router.driver.confirm();
  });

  test("what is confirmed stays", async (router) => {
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    await router.advance(4 * confirmWithin);
    assert.deepEqual(await router.snapshot(), before);
  });

  test("rollback goes back to what was confirmed before", async (router) => {
    await bring(router.driver, evening());
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
    await assertHolds(router.driver, evening(), "after rollback");
  });

  test("rollback of the first apply ever leaves a router never touched", async (router) => {
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("rollback with nothing to undo is harmless, any number of times", async (router) => {
    await router.driver.rollback();
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    await router.driver.rollback();
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("a second rollback changes nothing more", async (router) => {
    await bring(router.driver, evening());
    await applyOnly(router.driver, workAndPlay());
    await router.driver.rollback();
    const before = await router.snapshot();
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("an unconfirmed removal is undone too", async (router) => {
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    await applyOnly(router.driver, null);
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("a restarted driver undoes what its predecessor left unconfirmed", async (router) => {
    await bring(router.driver, evening());
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    const successor = await router.restartDriver();
    await successor.rollback();
    assert.deepEqual(await router.snapshot(), before);
    await assertHolds(successor, evening(), "after the successor's rollback");
  });

  testFault("fail-mid-apply", "an apply that fails half-way is undone entirely", async (router) => {
    await bring(router.driver, evening());
    const before = await router.snapshot();
    await router.inject("fail-mid-apply");
    await driverError(router, "apply()", () => applyOnly(router.driver, workAndPlay()));
    await router.inject(null);
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
    await bring(router.driver, workAndPlay());
    await assertHolds(router.driver, workAndPlay(), "after trying again");
  });

  test("nothing of all this touches what is not ours", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, evening());
    await applyOnly(router.driver, workAndPlay());
    await router.driver.rollback();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.confirm();
    await assertForeignKept(router, before, "after apply, rollback and confirm");
    await router.driver.release();
    await assertForeignKept(router, before, "after release");
  });
}
