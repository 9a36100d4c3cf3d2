import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, inEnglish, sentence } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import { queueing } from "../shared/htb.ts";
import { obstacleOf } from "./agent/lower.ts";
import type { AgentState } from "./agent/wire.ts";
import type { Facts } from "./facts.ts";
import { agentObject, cutConnections, type GrantedRights, listQdiscs, ruleset } from "./rights.ts";
import { queueingOf, shaperObstacle } from "./shaper.ts";

/** What else the router and the account have. */
interface Means {
  accounting: boolean;
  connections: boolean;
  controllable: ReadonlySet<string>;
}

/** How long the parts of an apply take on the wire, measured: firewall 1.2 s, shaper 1.6 s. */
const applyMs = 2_000;
/** procd's delay, and the time in which sqm would miss a second change. */
const minApplyIntervalMs = 3_000;
/** With the agent: 0.1 s on a PC, of which most is starting programs; a router is several times slower at that. */
const agentApplyMs = 600;

/** Four processes a look: as often as a small router bears. */
const flowsEveryMs = 5_000;

export const canCut = (may: GrantedRights): boolean => may.canRun([...cutConnections("*")]);

/** What support.yaml promises, less what this router or this account lacks. */
export function capabilitiesOf(support: SupportFile, facts: Facts, may: GrantedRights, more: Means): Capabilities {
  const fields = supportedFields(support);
  const obstacle = shaperObstacle(facts);
  const queue = queueingOf(facts);
  const notes: string[] = [];
  if (obstacle) {
    fields["line.shaper"] = "impossible";
    notes.push(`no shaper of ours: ${inEnglish(obstacle.why)}`);
  }
  if (obstacle || queue !== "cake") fields["device.guarantee"] = "impossible";
  if (obstacle || queue === "fifo") fields["device.latencyTarget"] = "impossible";
  withoutTunnels(facts, more, fields, notes);
  if (!may.canRun(ruleset) || !may.canRun(listQdiscs))
    notes.push("the account may not look at nft or tc: a change is confirmed without seeing it in force");
  notes.push("no agent on the router: a change takes about two seconds, and single devices have no limits of their own");
  return {
    ...common(facts, may, more, notes),
    fields,
    classes: queue === "cake" && !obstacle ? ["realtime", "interactive", "default", "bulk"] : ["default"],
    flowQueueing: !obstacle && queue !== "fifo",
    cutsEstablished: canCut(may),
    applyMs,
    minApplyIntervalMs,
  };
}

/** The same with the agent on the router, whose promises are in a file of their own. */
export function capabilitiesWithAgent(
  support: SupportFile,
  facts: Facts,
  may: GrantedRights,
  state: AgentState,
  more: Means & { leaving: boolean },
): Capabilities {
  const fields = supportedFields(support);
  const notes: string[] = [
    "the agent on the router changes everything in one call, without writing to its flash; a restart of the router ends it",
  ];
  const obstacle = obstacleOf({ facts, state, leaving: more.leaving });
  if (obstacle) {
    for (const field of ["line.shaper", ...queueing] as const) fields[field] = "impossible";
    notes.push(`no shaper of ours: ${inEnglish(obstacle)}`);
  }
  if (!state.features.bridge) {
    fields["device.isolated"] = "substituted";
    notes.push("devices of one network cannot be kept apart: install kmod-nft-bridge");
  }
  if (state.features.mwan3) notes.push(inEnglish(sentence("mwan3Marks")));
  if (!canLease(state, may)) notes.push("restrictions do not run out by themselves: install the newest agent and ACL file");
  withoutTunnels(facts, more, fields, notes);
  return {
    ...common(facts, may, more, notes),
    fields,
    classes: obstacle ? ["default"] : [...trafficClasses],
    flowQueueing: !obstacle && state.features.fq_codel,
    leases: canLease(state, may),
    cutsEstablished: true,
    applyMs: agentApplyMs,
    minApplyIntervalMs: 0,
  };
}

/** Restrictions can run out on the router: the agent knows how, and we may renew them. */
export const canLease = ({ features }: Pick<AgentState, "features">, may: GrantedRights): boolean =>
  features.leases && may.has("ubus", agentObject, "renew");

function withoutTunnels(facts: Facts, { controllable }: Means, fields: Capabilities["fields"], notes: string[]): void {
  if (controllable.size > 0) return;
  fields["device.tunnel"] = "impossible";
  if (facts.tunnels.length > 0) notes.push(`the account may not bring tunnels up and down (${facts.tunnels.join(", ")})`);
}

/** What does not depend on how a plan is brought about. */
function common(facts: Facts, may: GrantedRights, more: Means, notes: string[]) {
  if (more.connections && more.accounting)
    notes.push("nlbwmon counts devices, so single connections are not looked at; without it, games and calls can be told apart");
  if (facts.offloading) notes.push("flow offloading is on: offloaded connections skip shaper, marks and counters");
  notes.push("rules are found by MAC address; a device that changes its private address is a new device to the router");
  const counts = may.has("ubus", "network.device", "status") && facts.wanDevice !== undefined;
  return {
    rollback: "router" as const,
    leases: false,
    // nlbwmon zeroes what the kernel counts as it reads: beside it connections tell nothing.
    ...(more.connections && !more.accounting ? { flows: { everyMs: flowsEveryMs } } : {}),
    counters: counts || more.accounting ? { perDevice: more.accounting, everyMs: more.accounting ? 30_000 : 5_000 } : null,
    tunnels: [...more.controllable].sort(),
    notes,
  };
}
