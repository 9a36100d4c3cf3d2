import { sampleMacs } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { AgentProcess } from "../emulators/openwrt/agent.ts";
import { describeIf } from "../support/require.ts";
import { run } from "./namespace.ts";

const [laptop, tv] = [sampleMacs.laptop, sampleMacs.tv];
export const rates = (ceil: number) => ({ rate: 64, ceil, queue: 30_000 });
export const laptopClass = { number: 16, macs: [laptop], class: "realtime", quantum: 3_028, down: rates(95_000), up: rates(19_000) };
/** A plan that has something of everything. */
export const full = {
  version: 1,
  inside: ["br-lan", "br-guest"],
  wan: "eth1",
  line: { down: 95_000, up: 19_000, queue: "bfifo" },
  classes: [laptopClass],
  sets: {
    blocked: [tv],
    closed: [laptop],
    apart: [tv],
    dns_malware: [laptop],
    dscp_46: [laptop],
    app_blocked: [`${laptop} tcp 25565`, `${laptop} udp 8801-8810`],
    marks_cut: [16],
  },
  leased: { strict: [laptop], apart: [laptop], app_blocked: [`${laptop} tcp 27015-27050`] },
  lease: 900,
  closed_at: ["192.168.1.11", "fd00::11"],
  resolvers: { malware4: "9.9.9.9", malware6: "2620:fe::fe", family4: "1.1.1.3", family6: "2606:4700:4700::1113" },
};
export const other = {
  ...full,
  classes: [
    { ...laptopClass, class: "bulk", down: rates(8_000) },
    { ...laptopClass, number: 17, macs: [tv] },
  ],
  sets: {},
};
/** As uhttpd hands it on. */
export const request = (plan: unknown) => ({ plan, confirm_within: 30, ubus_rpc_session: "0123456789abcdef0123456789abcdef" });

/** Hundreds of calls, on a machine that may be busy; ms. */
export const patience = 180_000;

export interface Answer {
  id: string;
  pending: string | null;
  error?: { code: string; field: string; message: string };
}

/** The agent on a router of its own, and a look at what its kernel has. */
export class AgentRig {
  readonly agent: AgentProcess;
  #now: number;

  private constructor(agent: AgentProcess, now: number) {
    this.agent = agent;
    this.#now = now;
  }
  static async start(): Promise<AgentRig> {
    const now = Date.parse("2026-01-05T10:00:00Z");
    return new AgentRig(await AgentProcess.start(now), now);
  }

  async ask(method: string, args: unknown = {}): Promise<Answer> {
    const { stdout } = await this.agent.raw(["call", method], JSON.stringify(args));
    return JSON.parse(stdout);
  }
  apply(plan: unknown): Promise<Answer> {
    return this.ask("apply", request(plan));
  }
  async bring(plan: unknown): Promise<void> {
    const { id, error } = await this.apply(plan);
    expect(error).toBeUndefined();
    expect(await this.ask("confirm", { id })).toEqual({ id });
  }
  later(seconds: number): Promise<void> {
    this.#now += seconds * 1_000;
    return this.agent.tick(this.#now);
  }
  /** What the kernel has, without what counts by itself. */
  kernel(): string {
    return run(
      this.agent.namespace,
      'nft -s list ruleset; { for d in br-lan br-guest eth1; do tc -d class show dev $d | sed "s/^/$d /"; done; tc qdisc show; } | sort',
    ).replaceAll(/ (expires [0-9a-z]+|refcnt \d+|direct_packets_stat \d+)/g, "");
  }
}

/** Tests at one agent, none of which may leave anything behind. `untouched`: what the kernel has without it. */
export function describeAgent(what: string, tests: (at: { rig(): AgentRig; untouched(): string }) => void): void {
  describeIf(["namespaces", "nftables", "traffic-control", "busybox"], what, () => {
    let [rig, untouched]: [AgentRig | undefined, string] = [undefined, ""];
    beforeAll(async () => {
      rig = await AgentRig.start();
      untouched = rig.kernel();
    });
    afterEach(async () => {
      await rig!.ask("release");
      expect(rig!.kernel()).toBe(untouched);
    });
    afterAll(() => rig?.agent.stop());
    tests({ rig: () => rig!, untouched: () => untouched });
  });
}
