import assert from "node:assert/strict";
import { supportedFields } from "../../driver/index.ts";
import { Capabilities, inEnglish, Omission, PlannedChange, planFields } from "../../model/index.ts";
import { evening, gameConsole, laptop, neutralDevice, samplePlan, workAndPlay } from "../sample-plans.ts";
import { assertSaid, bring, difference, type Suite } from "./harness.ts";

/** What a router says about itself, and plans as pure differences. */
export function planningCases({ fixture, test, testIf }: Suite): void {
  test("says what it is", async ({ driver }) => {
    const identity = await driver.identify();
    for (const part of ["vendor", "model", "firmware"] as const) assert.ok(identity[part].length > 0, `identify() has no ${part}`);
    assert.deepEqual(Object.keys(identity).sort(), ["firmware", "model", "vendor"]);
    assert.doesNotMatch(
      JSON.stringify(identity),
      /([0-9a-f]{2}:){5}[0-9a-f]{2}|\b(\d{1,3}\.){3}\d{1,3}:/i,
      "identify() contains an address",
    );
  });

  test("its capabilities are valid data and agree with support.yaml", async ({ driver }) => {
    const capabilities = Capabilities.parse(await driver.capabilities());
    assert.deepEqual(capabilities.fields, supportedFields(fixture.support));
    assert.deepEqual(Object.keys(capabilities.fields).sort(), [...planFields].sort());
    assert.equal(capabilities.rollback, fixture.rollback);
    if (capabilities.fields["device.class"] !== "impossible")
      assert.ok(capabilities.classes.includes("default"), "the classes lack `default`");
    if (fixture.tunnel) assert.ok(capabilities.tunnels.includes(fixture.tunnel), "the fixture's tunnel is not listed");
  });

  test("a router never touched holds nothing of ours", async ({ driver }) => {
    const { changes } = await difference(driver, null);
    assert.deepEqual(changes, []);
  });

  test("a change set is data that people and machines can read", async ({ driver }) => {
    const set = await difference(driver, workAndPlay());
    assert.ok(set.changes.length > 0, "a plan for a fresh router changes nothing");
    for (const change of set.changes) {
      PlannedChange.parse(change);
      assert.ok(change.summary.length >= 10, `"${change.summary}" is not a sentence`);
      assert.notEqual(change.before, change.after, `${change.target} changes to what it is`);
      if (change.action === "add") assert.equal(change.before, null);
      if (change.action === "remove") assert.equal(change.after, null);
    }
    for (const { said, ...omission } of set.omissions) {
      Omission.parse(omission);
      assertSaid(said.why);
      if (omission.instead) assertSaid(said.instead);
      assert.deepEqual(
        [omission.wanted, omission.instead, omission.why],
        [said.wanted, said.instead, said.why].map((words) => inEnglish(words)),
      );
    }
    for (const { summary, said } of set.changes) {
      assertSaid(said);
      assert.equal(summary, inEnglish(said));
    }
    assert.deepEqual(JSON.parse(JSON.stringify(set.payload)), set.payload, "the payload is not plain JSON");
  });

  test("plan() only computes: no writes, same answer twice", async (router) => {
    await bring(router.driver, workAndPlay());
    const before = await router.snapshot();
    const writes = router.writes();
    const state = await router.driver.read();
    const first = await router.driver.plan(evening(), state);
    const second = await router.driver.plan(evening(), state);
    await router.driver.plan(null, state);
    assert.deepEqual(second, first);
    assert.equal(router.writes(), writes, "plan() wrote");
    assert.deepEqual(await router.snapshot(), before, "plan() changed the router");
  });

  test("plan() judges by the state it is given, not by memory", async ({ driver }) => {
    const empty = await driver.read();
    const first = await driver.plan(workAndPlay(), empty);
    await bring(driver, workAndPlay());
    assert.deepEqual(await driver.plan(workAndPlay(), empty), first);
  });

  test("reading writes nothing", async (router) => {
    const writes = router.writes();
    await router.driver.identify();
    await router.driver.capabilities();
    await router.driver.read();
    await router.driver.clients?.();
    await router.driver.counters?.();
    await router.driver.doctor?.();
    assert.equal(router.writes(), writes);
  });

  test("the order of devices in a plan means nothing", async ({ driver }) => {
    const plan = workAndPlay();
    await bring(driver, plan);
    const { changes } = await difference(driver, { ...plan, devices: plan.devices.toReversed() });
    assert.deepEqual(changes, []);
  });

  test("the instant a plan was made means nothing", async ({ driver }) => {
    await bring(driver, workAndPlay());
    const { changes } = await difference(driver, { ...workAndPlay(), at: "2026-01-06T00:00:00.000Z" });
    assert.deepEqual(changes, []);
  });

  test("the case of a MAC address means nothing", async ({ driver }) => {
    await bring(driver, workAndPlay());
    const plan = workAndPlay();
    const { changes } = await difference(driver, {
      ...plan,
      devices: plan.devices.map((d) => ({ ...d, macs: d.macs.map((mac) => mac.toUpperCase()) })),
    });
    assert.deepEqual(changes, []);
  });

  test("devices nobody asked anything for bring no complaints", async ({ driver }) => {
    const { omissions } = await difference(driver, samplePlan([laptop(), gameConsole()]));
    assert.deepEqual(
      omissions.filter((o) => o.device !== null),
      [],
    );
  });

  test("a device whose MAC address is not known is left out with a reason", async ({ driver }) => {
    const plan = samplePlan([neutralDevice("new-tablet", [], { blocked: true, class: "realtime", weight: 3 }), laptop({ weight: 2 })]);
    const { omissions } = await difference(driver, plan);
    assert.ok(
      omissions.some((o) => o.device === "new-tablet" && o.why.length > 0),
      "no omission names the device",
    );
    await bring(driver, plan);
  });

  const can = (field: "device.blockedApplications" | "device.tunnel") => fixture.support.fields[field].support !== "impossible";
  testIf(can("device.blockedApplications"), "an application nobody described is left out with a reason", async ({ driver }) => {
    const { omissions } = await difference(driver, samplePlan([laptop({ blockedApplications: ["no-such-application"] })]));
    assert.ok(omissions.some((o) => o.device === "alice-laptop" && `${o.wanted} ${o.why}`.includes("no-such-application")));
  });
  testIf(can("device.tunnel"), "a tunnel the router does not have is left out with a reason", async ({ driver }) => {
    const { omissions } = await difference(driver, samplePlan([laptop({ tunnel: "no-such-tunnel" })]));
    assert.ok(
      omissions.some(
        (o) => o.device === "alice-laptop" && o.field === "device.tunnel" && `${o.wanted} ${o.why}`.includes("no-such-tunnel"),
      ),
    );
  });
}
