import assert from "node:assert/strict";
import { gameConsole, laptop, samplePlan } from "../sample-plans.ts";
import { assertHolds, bring, difference, type Suite } from "./harness.ts";

const restricted = { firewall: "strict", isolated: true, familyFilter: true, blockedApplications: ["minecraft", "zoom"] } as const;
const wishes = { ...restricted, blockedApplications: [...restricted.blockedApplications] };
const ordered = () => samplePlan([gameConsole({ firewall: "strict", blockedApplications: ["minecraft"] })]);
const plan = () =>
  samplePlan([
    laptop({ ...wishes, leased: ["firewall", "isolated", "familyFilter", "blockedApplications.minecraft"] }),
    ...ordered().devices,
  ]);

/** What nobody ordered himself ends with the engine, where the router can make it end. */
export function leaseCases({ fixture, test, testIf }: Suite): void {
  const { support } = fixture.support.leases;

  test(`restrictions ${support === "lowered" ? "run out" : "do not run out"} on the router, as the capabilities say`, async ({
    driver,
  }) => {
    assert.equal((await driver.capabilities()).leases, support === "lowered");
    if (support === "lowered") assert.ok(driver.renew, "what runs out must be renewed");
  });

  testIf(support === "lowered", "a restriction that is renewed stays", async (router) => {
    await bring(router.driver, plan());
    const { leases } = router;
    assert.ok(leases, "the fixture says that restrictions run out, but not how to wait for it");
    assert.ok((await leases.left()).length > 0, "nothing runs out");
    await leases.leave(60);
    assert.ok((await leases.left()).every((seconds) => seconds <= 60));
    await router.driver.renew!();
    assert.ok(
      (await leases.left()).every((seconds) => seconds > 60),
      "not everything has its full time again",
    );
    await assertHolds(router.driver, plan(), "after a renewal");
  });

  testIf(support === "lowered", "a restriction that is not renewed runs out, what its owner ordered does not", async (router) => {
    await bring(router.driver, plan());
    const before = await router.driver.read();
    await router.leases!.runOut();
    const gone = (await router.driver.plan(plan(), await router.driver.read())).changes;
    assert.ok(gone.length > 0, "nothing has run out");
    for (const { action, summary } of gone) assert.equal(action, "add", `more than leases is missing: ${summary}`);
    // What has run out must not come back by a renewal: that is for the plan to decide.
    await router.driver.renew!();
    assert.deepEqual((await difference(router.driver, plan())).changes, gone);
    await bring(router.driver, plan());
    assert.deepEqual((await router.driver.read()).owned, before.owned);
  });
}
