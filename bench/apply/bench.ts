import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkPlan } from "@network-personas/engine/model";
import { inClass, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { far, type Home, makeHome } from "../../test/netns/home.ts";
import { NumberedFlow, reordering } from "../../test/netns/numbered.ts";
import { behindAgent } from "./agent.ts";

const linuxMethods = ["none", "driver", "bare", "rebuild"] as const;
const agentMethods = ["agent", "agentBare"] as const;
type Method = (typeof linuxMethods | typeof agentMethods)[number];
export interface MethodResult {
  method: Method;
  /** What each switch took; empty where nothing was switched. */
  milliseconds: number[];
  sent: number;
  lost: number;
  reordered: number;
}
export interface Results {
  /** In each direction. */
  switches: number;
  methods: MethodResult[];
}

/** A program with what it reads from stdin. */
export interface Run {
  argv: readonly string[];
  input: string;
}

/** Time between two switches, ms: long enough for queues to fill again. */
const pause = 250;

/** The laptop, which the probe runs from, stays as it is; everybody else changes. */
const laptop = neutralDevice("laptop", [sampleMacs.laptop], { ...inClass("realtime"), guarantee: { down: 2_000, up: 2_000 } });
const others = Array.from({ length: 10 }, (_, i) => [`device-${i}`, `02:00:00:00:02:0${i}`] as const);
const plans: readonly [NetworkPlan, NetworkPlan] = [
  samplePlan([
    laptop,
    neutralDevice("tv", [sampleMacs.console], { ...inClass("streaming"), guarantee: { down: 16_000, up: 500 }, weight: 2 }),
    ...others.map(([id, mac]) => neutralDevice(id, [mac], { weight: 2, inboundClosed: true })),
  ]),
  samplePlan([
    laptop,
    neutralDevice("tv", [sampleMacs.console], { ...inClass("bulk"), ceiling: { down: 60_000, up: 8_000 }, weight: 0.5 }),
    ...others.map(([id, mac]) => neutralDevice(id, [mac], { ...inClass("interactive"), firewall: "strict" })),
  ]),
];

/** Switches a home of network namespaces between two plans under load, by every method, and counts what its packets suffer. */
export async function applyBench(switches: number): Promise<Results> {
  const home = await makeHome();
  try {
    const anew = [await recorded(home, null, plans[0]), await recorded(home, null, plans[1])] as const;
    // From the one to the other: index 0 leads to the first.
    const steps = [await recorded(home, plans[1], plans[0]), await recorded(home, plans[0], plans[1])] as const;
    const away = await recorded(home, plans[1], null);
    await bring(home, plans[0]);
    const stopLoad = await home.load(home.tv, far.ipv4);
    await sleep(1_000);
    const switchers: Record<(typeof linuxMethods)[number], Switcher | undefined> = {
      none: undefined,
      driver: async (to) => {
        const changes = await home.driver.plan(plans[to], await home.driver.read());
        return {
          apply: () => home.driver.apply(changes, { confirmWithin: 30_000 }),
          after: () => home.driver.confirm(),
        };
      },
      bare: async (to) => ({ apply: () => play(home, steps[to]) }),
      rebuild: async (to) => ({ apply: () => play(home, [...away, ...anew[to]]) }),
    };
    const results: MethodResult[] = [];
    for (const method of linuxMethods) results.push(await measure(home, method, switchers[method], switches));
    await bring(home, null);
    const openwrt = await behindAgent(home, plans);
    try {
      const ways: Record<(typeof agentMethods)[number], Switcher> = {
        agent: openwrt.prepare,
        agentBare: async (to) => ({ apply: () => play(home, openwrt.steps[to]) }),
      };
      for (const method of agentMethods) results.push(await measure(home, method, ways[method], switches));
    } finally {
      await openwrt.stop();
    }
    await stopLoad();
    return { switches, methods: results };
  } finally {
    await home.stop();
  }
}

/** Gets a switch ready; only `apply` is timed. */
export type Switcher = (to: 0 | 1) => Promise<{ apply(): Promise<void>; after?(): Promise<void> }>;

async function measure(home: Home, method: MethodResult["method"], prepare: Switcher | undefined, switches: number): Promise<MethodResult> {
  const milliseconds: number[] = [];
  const inside = { namespace: home.laptop, address: "192.168.1.11" };
  const outside = { namespace: home.server, address: far.ipv4 };
  const flows = [await NumberedFlow.start(inside, outside, 1), await NumberedFlow.start(outside, inside, 1)];
  for (let i = 1; i <= 2 * switches; i++) {
    const ready = await prepare?.(i % 2 === 0 ? 0 : 1);
    if (ready) {
      const began = performance.now();
      await ready.apply();
      milliseconds.push(performance.now() - began);
      await ready.after?.();
    }
    await sleep(pause);
  }
  const result = { method, milliseconds, sent: 0, lost: 0, reordered: 0 };
  for (const flow of flows) {
    const { sent, order, overrun } = await flow.end(() => 0);
    result.sent += sent;
    result.lost += Math.max(0, sent - order.length - overrun);
    result.reordered += reordering(order).late;
  }
  return result;
}

async function bring(home: Home, plan: NetworkPlan | null): Promise<void> {
  const { driver } = home;
  await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
  await driver.confirm();
}

/** The programs the driver runs to lead from one plan to the other. */
async function recorded(home: Home, from: NetworkPlan | null, to: NetworkPlan | null): Promise<Run[]> {
  await bring(home, from);
  const { shell } = home;
  const runs: Run[] = [];
  const original = shell.run.bind(shell);
  shell.run = (argv, input = "") => {
    if (argv[0] === "tc" || argv[0] === "nft") runs.push({ argv, input });
    return original(argv, input);
  };
  try {
    await bring(home, to);
  } finally {
    shell.run = original;
  }
  return runs;
}

async function play({ shell }: Home, runs: readonly Run[]): Promise<void> {
  for (const { argv, input } of runs) {
    const { code, stderr } = await shell.run(argv, input);
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  }
}
