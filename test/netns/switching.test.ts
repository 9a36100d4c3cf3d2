import type { NetworkPlan } from "@network-personas/engine/model";
import { inClass, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { describeIf } from "../support/require.ts";
import { type Family, families, far, type Home, makeHome } from "./home.ts";
import { run } from "./namespace.ts";
import { NumberedFlow, type Place, packetBytes, reordering } from "./numbered.ts";

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

/** The laptop and the server. */
const endsOf = (family: Family): readonly [inside: Place, outside: Place] => [
  { namespace: home.laptop, address: family === "ipv4" ? "192.168.1.11" : "fd00::11" },
  { namespace: home.server, address: far[family] },
];

interface Queue {
  /** Bytes it has room for. */
  limit: number;
  /** Packets in it, and those it had no room for. */
  waiting: number;
  dropped: number;
}
/** The queues of our classes on an interface, by minor number. */
function queues(device: string): Map<string, Queue> {
  const listed = JSON.parse(run(home.namespace, `tc -s -j qdisc show dev ${device}`)) as {
    parent?: string;
    options: { limit?: number };
    qlen: number;
    drops: number;
  }[];
  return new Map(
    listed.flatMap(({ parent, options, qlen, drops }) =>
      parent?.startsWith("4e50:")
        ? [[parent.slice(5), { limit: options.limit ?? Number.POSITIVE_INFINITY, waiting: qlen, dropped: drops }] as const]
        : [],
    ),
  );
}
const fullest = (device: string): Queue => [...queues(device).values()].reduce((a, b) => (b.waiting > a.waiting ? b : a));
const dropped = (device: string): number => [...queues(device).values()].reduce((sum, queue) => sum + queue.dropped, 0);

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
    const endLoad = await home.load(home.tv, far.ipv4);
    const flows: NumberedFlow[] = [];
    for (const family of families) {
      const [inside, outside] = endsOf(family);
      flows.push(await NumberedFlow.start(inside, outside, 1), await NumberedFlow.start(outside, inside, 1));
    }
    onTestFinished(() => {
      for (const flow of flows) flow.stop();
    });
    for (let i = 1; i <= 16; i++) await bring(plans[i % 2]!);
    await endLoad();
    for (const flow of flows) {
      const { sent, order, overrun } = await flow.end(() => 0);
      expect(sent).toBeGreaterThan(1_000);
      const lost = sent - order.length;
      expect(lost - overrun, `${lost} of ${sent} lost, ${overrun} of them by who reads them`).toBeLessThanOrEqual(0);
      expect(reordering(order).late).toBe(0);
    }
  });
  describe.each([
    { way: "up", family: "ipv4", device: "wan0" },
    { way: "down", family: "ipv6", device: "br-lan" },
  ] as const)("moves a flow $way over $family", ({ way, family, device }) => {
    /** Moves it from plan to plan while packets wait in its queue; what became of it, and how long that queue was. */
    async function moved(...plans: readonly NetworkPlan[]) {
      const [inside, outside] = endsOf(family);
      await bring(plans[0]!);
      const flow = await (way === "up" ? NumberedFlow.start(inside, outside, 2) : NumberedFlow.start(outside, inside, 2));
      onTestFinished(() => flow.stop());
      let longest = 0;
      for (const plan of plans.slice(1)) {
        await vi.waitUntil(() => fullest(device).waiting >= 20, { timeout: 20_000, interval: 20 });
        longest = Math.max(longest, fullest(device).limit / packetBytes[family]);
        await bring(plan);
      }
      const { sent, order, overrun } = await flow.end(() => dropped(device));
      // What a full queue had no room for is no loss of the change.
      return { unexplained: sent - order.length - dropped(device) - overrun, ...reordering(order), longest, sent };
    }
    const line = { shaper: { down: 1_000, up: 1_000 } };

    it("into a class of its own: one burst of at most what waited, and nothing lost", async () => {
      const flow = await moved(samplePlan([tv({})], line), samplePlan([tv({}), laptop(inClass("streaming"))], line));
      expect(flow.sent).toBeGreaterThan(100);
      expect(flow.unexplained).toBeLessThanOrEqual(0);
      expect(flow.bursts).toBeLessThanOrEqual(1);
      expect(flow.late).toBeLessThanOrEqual(flow.longest);
    });
    it("from class to class, there and back, without anything that changes places or is lost", async () => {
      const bulk = samplePlan([tv({}), laptop({ ...inClass("bulk"), ceiling: { down: 800, up: 800 } })], line);
      const urgent = samplePlan([tv({}), laptop({ ...inClass("realtime"), latencyTarget: 15 })], line);
      const flow = await moved(bulk, urgent, bulk);
      expect(flow.sent).toBeGreaterThan(100);
      expect(flow.unexplained).toBeLessThanOrEqual(0);
      expect(flow.late).toBe(0);
    });
  });
});
