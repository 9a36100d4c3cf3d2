import type { NetworkPlan } from "@network-personas/engine/model";
import { inClass, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { describeIf } from "../support/require.ts";
import { type Home, makeHome } from "./home.ts";
import { moving, staying, ways } from "./moving.ts";

// What a change of plans does to packets that are on their way.

// A busy machine takes its time to start a dozen programs for every plan.
vi.setConfig({ testTimeout: 60_000 });

let home: Home;
type Wishes = Partial<NetworkPlan["devices"][number]>;
const laptop = (wishes: Wishes) => ({ ...neutralDevice("laptop", [sampleMacs.laptop]), ...wishes });
const tv = (wishes: Wishes) => ({ ...neutralDevice("tv", [sampleMacs.console]), ...wishes });
async function bring(plan: NetworkPlan | null): Promise<void> {
  const { driver } = home;
  await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
  await driver.confirm();
}

describeIf(["namespaces", "nftables", "traffic-control"], "a change of plans", () => {
  beforeAll(async () => {
    home = await makeHome();
  }, 30_000);
  afterEach(async () => {
    await home.hangUp();
    await bring(null);
  });
  afterAll(() => home.stop());

  it("changes plans eight times in each direction under load without losing or reordering a packet of who stays in a class", async () => {
    const calls: Wishes = { ...inClass("realtime"), guarantee: { down: 3_000, up: 3_000 } };
    const plans = [
      samplePlan([laptop(calls), tv({ ...inClass("streaming"), guarantee: { down: 16_000, up: 500 }, weight: 2 })]),
      samplePlan([laptop(calls), tv({ ...inClass("bulk"), ceiling: { down: 60_000, up: 8_000 } })]),
    ];
    await bring(plans[0]!);
    const changes = Array.from({ length: 16 }, (_, i) => () => bring(plans[(i + 1) % 2]!));
    for (const { sent, lost, late } of await staying(home, changes)) {
      expect(sent).toBeGreaterThan(1_000);
      expect(lost, `of ${sent}`).toBeLessThanOrEqual(0);
      expect(late).toBe(0);
    }
  });
  describe.each(ways)("moves a flow $way over $family", (way) => {
    /** Moves it from plan to plan while packets wait in its queue. */
    async function moved(first: NetworkPlan, ...others: readonly NetworkPlan[]) {
      await bring(first);
      return moving(
        home,
        way,
        2,
        others.map((plan) => () => bring(plan)),
      );
    }
    const line = { shaper: { down: 1_000, up: 1_000 } };

    it("into a class of its own: one burst of at most what waited, and nothing lost", async () => {
      const flow = await moved(samplePlan([tv({})], line), samplePlan([tv({}), laptop(inClass("streaming"))], line));
      expect(flow.sent).toBeGreaterThan(100);
      expect(flow.lost).toBeLessThanOrEqual(0);
      expect(flow.bursts).toBeLessThanOrEqual(1);
      expect(flow.late).toBeLessThanOrEqual(flow.longest);
    });
    it("out of a plan: what waited is sent before its class goes", async () => {
      // A queue that is never full, for how many it had no room for would go with it: it gets a little more than it may send.
      const wide = { shaper: { down: 1_700, up: 1_700 } };
      await bring(samplePlan([tv({}), laptop({ latencyTarget: 10_000 })], wide));
      const flow = await moving(home, way, 1, [() => bring(samplePlan([tv({})], wide))]);
      expect(flow.sent).toBeGreaterThan(100);
      expect(flow.lost).toBeLessThanOrEqual(0);
      expect(flow.bursts).toBeLessThanOrEqual(1);
      expect(flow.late).toBeLessThanOrEqual(flow.longest);
    });
    it("from class to class, there and back, without anything that changes places or is lost", async () => {
      const bulk = samplePlan([tv({}), laptop({ ...inClass("bulk"), ceiling: { down: 800, up: 800 } })], line);
      const urgent = samplePlan([tv({}), laptop({ ...inClass("realtime"), latencyTarget: 15 })], line);
      const flow = await moved(bulk, urgent, bulk);
      expect(flow.sent).toBeGreaterThan(100);
      expect(flow.lost).toBeLessThanOrEqual(0);
      expect(flow.late).toBe(0);
    });
  });
});
