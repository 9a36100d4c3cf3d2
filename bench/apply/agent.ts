import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkPlan } from "@network-personas/engine/model";
import { AgentProcess } from "../../test/emulators/openwrt/agent.ts";
import { rig } from "../../test/emulators/openwrt/fixture.ts";
import { scaledTime } from "../../test/emulators/openwrt/index.ts";
import type { Home } from "../../test/netns/home.ts";
import type { Run, Switcher } from "./bench.ts";

/** The same home behind OpenWrt: its web server is emulated, its agent, nft and tc are real. */
export async function behindAgent(home: Home, plans: readonly [NetworkPlan, NetworkPlan]) {
  const agent = await AgentProcess.on(home.namespace, Date.now());
  const { driver, stop } = await rig({
    agent,
    time: scaledTime(),
    interfaces: [
      { name: "lan", device: "br-lan", proto: "static", up: true, addresses: ["192.168.1.1"] },
      { name: "loopback", device: "lo", proto: "static", up: true, addresses: ["127.0.0.1/8"] },
      { name: "wan", device: "wan0", proto: "static", up: true, addresses: ["203.0.113.1"], defaultRoute: true },
    ],
  });
  const prepare: Switcher = async (to) => {
    const changes = await driver.plan(plans[to], await driver.read());
    return { apply: () => driver.apply(changes, { confirmWithin: 30_000 }), after: () => driver.confirm() };
  };
  const bring = async (to: 0 | 1) => {
    const { apply, after } = await prepare(to);
    await apply();
    await after?.();
  };
  /** What the agent told nft and tc to lead from the other plan to this one. */
  const recorded = async (to: 0 | 1): Promise<Run[]> => {
    await bring(to);
    const [rules, queues] = await Promise.all(["rules", "queues"].map((name) => readFile(join(agent.state, name), "utf8")));
    return [
      { argv: ["nft", "-f", "-"], input: rules! },
      { argv: ["tc", "-batch", "-"], input: queues! },
    ];
  };
  await bring(0);
  const second = await recorded(1);
  const steps = [await recorded(0), second] as const;
  return {
    steps,
    prepare,
    async stop() {
      await driver.release();
      await stop();
      await agent.stop();
    },
  };
}
