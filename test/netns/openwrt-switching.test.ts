import { sampleMacs } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { AgentProcess } from "../emulators/openwrt/agent.ts";
import { describeIf } from "../support/require.ts";
import { type Home, makeHome } from "./home.ts";
import { endsOf, moving, queues, staying, type Way, ways } from "./moving.ts";
import { run } from "./namespace.ts";
import { NumberedFlow } from "./numbered.ts";

// What a change of plans through the agent of OpenWrt does to packets that are on their way.

// A busy machine takes its time to start a dozen programs for every plan.
vi.setConfig({ testTimeout: 60_000 });

let home: Home;
let agent: AgentProcess;

const rates = (ceil: number, queue: number) => ({ rate: 64, ceil, queue });
const classOf = (number: number, mac: string, { ceil = 1_000, name = "default", queue = 100_000, quantum = 3_028 } = {}) => ({
  number,
  macs: [mac],
  class: name,
  quantum,
  down: rates(ceil, queue),
  up: rates(ceil, queue),
});
const planOf = (line: number, ...classes: ReturnType<typeof classOf>[]) => ({
  version: 1,
  inside: ["br-lan"],
  wan: "wan0",
  line: { down: line, up: line, queue: "bfifo" },
  classes,
  sets: {},
  closed_at: [],
  resolvers: {},
});
async function ask(method: string, args: object = {}): Promise<{ id: string; error?: unknown }> {
  const { stdout } = await agent.raw(["call", method], JSON.stringify(args));
  return JSON.parse(stdout);
}
async function bring(plan: ReturnType<typeof planOf>): Promise<void> {
  const { id, error } = await ask("apply", { plan, confirm_within: 60 });
  expect(error).toBeUndefined();
  await ask("confirm", { id });
}

describeIf(["namespaces", "nftables", "traffic-control", "busybox"], "a change of plans through the agent", () => {
  beforeAll(async () => {
    home = await makeHome();
    agent = await AgentProcess.on(home.namespace, Date.now());
  }, 30_000);
  afterEach(async () => {
    await home.hangUp();
    await ask("release");
  });
  afterAll(async () => {
    await agent.stop();
    await home.stop();
  });

  it("comes eight times in each direction under load, and who stays in a class loses and reorders nothing", async () => {
    const line = 50_000;
    const calls = classOf(16, sampleMacs.laptop, { ceil: line, name: "realtime" });
    const plans = [
      planOf(line, calls, classOf(17, sampleMacs.console, { ceil: line, name: "streaming", quantum: 6_056 })),
      planOf(line, calls, classOf(17, sampleMacs.console, { name: "bulk", ceil: 30_000, queue: 60_000 })),
    ];
    await bring(plans[0]!);
    const changes = Array.from({ length: 16 }, (_, i) => () => bring(plans[(i + 1) % 2]!));
    for (const { sent, lost, late } of await staying(home, changes)) {
      expect(sent).toBeGreaterThan(1_000);
      expect(lost, `of ${sent}`).toBeLessThanOrEqual(0);
      expect(late).toBe(0);
    }
  });

  describe.each(ways)("moves a flow $way over $family", (way: Way) => {
    const tv = classOf(17, sampleMacs.console);
    const laptop = classOf(16, sampleMacs.laptop);

    it("into a class of its own: one burst of at most what waited, and nothing lost", async () => {
      await bring(planOf(1_000, tv));
      const flow = await moving(home, way, 2, [() => bring(planOf(1_000, tv, laptop))]);
      expect(flow.sent).toBeGreaterThan(50);
      expect(flow.lost).toBeLessThanOrEqual(0);
      expect(flow.bursts).toBeLessThanOrEqual(1);
      expect(flow.late).toBeLessThanOrEqual(flow.longest);
    });
    it("out of its class: what waits there is sent, and the class goes when it is empty", async () => {
      await bring(planOf(1_000, tv, laptop));
      // Slow enough that the class it leaves, whose count goes with it, is never full.
      const flow = await moving(home, way, 1, [() => bring(planOf(1_000, tv))]);
      expect(flow.lost).toBeLessThanOrEqual(0);
      expect(flow.bursts).toBeLessThanOrEqual(1);
      expect(flow.late).toBeLessThanOrEqual(flow.longest);
      await ask("status");
      expect([...queues(home.namespace, way.device).keys()].sort()).toEqual(["11", "fffe"]);
    });
  });

  it("changes the class of a flow, there and back, and nothing changes places or is lost", async () => {
    const bulk = planOf(1_000, classOf(16, sampleMacs.laptop, { name: "bulk", ceil: 800 }));
    const urgent = planOf(1_000, classOf(16, sampleMacs.laptop, { name: "realtime" }));
    await bring(bulk);
    const flow = await moving(home, ways[0]!, 2, [() => bring(urgent), () => bring(bulk)]);
    expect(flow.sent).toBeGreaterThan(50);
    expect(flow.lost).toBeLessThanOrEqual(0);
    expect(flow.late).toBe(0);
  });
  it("keeps a class in which packets wait until they are gone, whatever is asked meanwhile", async () => {
    const slow = classOf(16, sampleMacs.laptop, { ceil: 64 });
    await bring(planOf(1_000, slow));
    const waits = () => queues(home.namespace, "wan0").get("10")?.waiting;
    const flow = await NumberedFlow.start(...endsOf(home, "ipv4"), 1);
    onTestFinished(() => flow.stop());
    await vi.waitUntil(() => waits()! >= 300, { timeout: 20_000, interval: 20 });
    await bring(planOf(1_000));
    await ask("status");
    expect(waits()).toBeGreaterThan(0);
    // Who comes back in the meantime has it again.
    await bring(planOf(1_000, slow));
    await ask("status");
    expect(waits()).toBeGreaterThan(0);
    await bring(planOf(1_000));
    run(home.namespace, "tc class change dev wan0 parent 4e50:1 classid 4e50:10 htb rate 1gbit ceil 1gbit");
    await vi.waitUntil(() => waits() === 0, { timeout: 20_000, interval: 20 });
    await ask("status");
    expect(waits()).toBeUndefined();
  });
});
