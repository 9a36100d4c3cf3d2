import assert from "node:assert/strict";
import { evening, gameConsole, inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "../sample-plans.ts";
import { applyOnly, assertForeignKept, assertHolds, bring, confirmWithin, difference, type Suite } from "./harness.ts";

/** A written plan is really there, entirely, and nothing else changed. */
export function writingCases({ test }: Suite): void {
  test("what was applied is there", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, workAndPlay());
    await assertHolds(router.driver, workAndPlay(), "after apply");
    assert.notDeepEqual((await router.snapshot()).owned, before.owned, "nothing reached the router");
    await assertForeignKept(router, before, "after apply");
  });

  test("applying the same plan again changes nothing", async (router) => {
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    await bring(router.driver, workAndPlay());
    assert.deepEqual(await router.snapshot(), before);
  });

  test("one plan replaces another without leaving anything behind", async (router) => {
    await bring(router.driver, evening());
    const direct = await router.snapshot();
    await bring(router.driver, workAndPlay());
    await bring(router.driver, evening());
    assert.deepEqual(await router.snapshot(), direct);
  });

  test("plan null removes everything of ours and nothing else", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, workAndPlay());
    const { changes } = await bring(router.driver, null);
    assert.ok(changes.length > 0);
    assert.deepEqual(await router.snapshot(), before);
  });

  test("release removes everything of ours and nothing else, twice without harm", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, workAndPlay());
    await router.driver.release();
    assert.deepEqual(await router.snapshot(), before);
    await router.driver.release();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("release after an unconfirmed apply stays released", async (router) => {
    const before = await router.snapshot();
    await bring(router.driver, evening());
    await applyOnly(router.driver, workAndPlay());
    await router.driver.release();
    assert.deepEqual(await router.snapshot(), before);
    await router.driver.rollback();
    await router.advance(2 * confirmWithin);
    assert.deepEqual(await router.snapshot(), before, "what was released came back");
  });

  test("a device that leaves the plan leaves the router", async (router) => {
    await bring(router.driver, samplePlan([laptop({ weight: 3 })]));
    const one = await router.snapshot();
    await bring(router.driver, samplePlan([laptop({ weight: 3 }), gameConsole(inClass("realtime"))]));
    await bring(router.driver, samplePlan([laptop({ weight: 3 })]));
    assert.deepEqual(await router.snapshot(), one);
  });

  test("a renamed device keeps what it has under its new name", async (router) => {
    const wishes = { ...inClass("realtime"), weight: 3, inboundClosed: true };
    await bring(router.driver, samplePlan([neutralDevice("work-laptop", [sampleMacs.laptop], wishes)]));
    const direct = await router.snapshot();
    await bring(router.driver, null);
    await bring(router.driver, samplePlan([laptop(wishes)]));
    await bring(router.driver, samplePlan([neutralDevice("work-laptop", [sampleMacs.laptop], wishes)]));
    assert.deepEqual(await router.snapshot(), direct);
  });

  test("a device with several MAC addresses is one device", async ({ driver }) => {
    const plan = (macs: readonly string[]) => samplePlan([neutralDevice("alice-laptop", macs, { ...inClass("realtime"), blocked: true })]);
    const both = [sampleMacs.laptop, "02:00:00:00:00:12"];
    await bring(driver, plan(both));
    assert.deepEqual((await difference(driver, plan(both.toReversed()))).changes, [], "the order of MAC addresses means something");
    await bring(driver, plan([sampleMacs.laptop]));
    await assertHolds(driver, plan([sampleMacs.laptop]), "after a MAC address was taken away");
  });

  test("a change of one device leaves the others as they are", async ({ driver }) => {
    const plan = (weight: number) =>
      samplePlan([laptop({ ...inClass("realtime"), weight }), gameConsole({ ...inClass("streaming"), weight: 2, blocked: false })]);
    await bring(driver, plan(1));
    await bring(driver, plan(4));
    await assertHolds(driver, plan(4), "after the change of one device");
  });

  test("sixty devices are applied as a whole", async ({ driver }) => {
    const devices = Array.from({ length: 60 }, (_, i) =>
      neutralDevice(`device-${i}`, [`02:00:00:00:01:${i.toString(16).padStart(2, "0")}`], {
        ...inClass((["realtime", "interactive", "streaming", "default", "bulk"] as const)[i % 5]!),
        guarantee: { down: 200, up: 64 },
        ceiling: { down: i % 3 ? null : 50_000, up: i % 3 ? null : 10_000 },
        weight: 1 + (i % 4),
        inboundClosed: i % 2 === 0,
      }),
    );
    await bring(driver, samplePlan(devices));
    await assertHolds(driver, samplePlan(devices), "with sixty devices");
  });

  test("calls at the same time do not get in each other's way", async ({ driver }) => {
    await bring(driver, evening());
    const old = JSON.stringify((await driver.read()).owned);
    const changes = await difference(driver, workAndPlay());
    const reads: Promise<string>[] = [];
    const read = () => reads.push(driver.read().then((state) => JSON.stringify(state.owned)));
    read();
    const applied = driver.apply(changes, { confirmWithin });
    read();
    read();
    const named = driver.identify();
    await Promise.all([applied, named]);
    await driver.confirm();
    const fresh = JSON.stringify((await driver.read()).owned);
    assert.notEqual(fresh, old);
    for (const state of await Promise.all(reads)) assert.ok(state === old || state === fresh, "a read saw half a change");
  });

  test("an empty change set is applied, confirmed and rolled back without harm", async (router) => {
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.confirm();
    await applyOnly(router.driver, workAndPlay());
    await router.driver.rollback();
    assert.deepEqual(await router.snapshot(), before);
  });

  test("a restarted driver sees what its predecessor wrote", async (router) => {
    await bring(router.driver, workAndPlay());
    await assertHolds(await router.restartDriver(), workAndPlay(), "after a restart of the driver");
  });
}
