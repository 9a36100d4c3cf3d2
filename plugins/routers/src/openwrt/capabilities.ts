import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, type Sentence, sentence } from "@network-personas/engine/model";
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
  const notes: Sentence[] = [];
  if (obstacle) {
    fields["line.shaper"] = "impossible";
    notes.push(sentence("noteNoShaper", { why: obstacle.why }));
  }
  if (obstacle || queue !== "cake") fields["device.guarantee"] = "impossible";
  if (obstacle || queue === "fifo") fields["device.latencyTarget"] = "impossible";
  withoutTunnels(facts, more, fields, notes);
  if (!may.canRun(ruleset) || !may.canRun(listQdiscs)) notes.push(sentence("noteNoLook"));
  notes.push(sentence("noteNoAgent"));
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
  const notes = [sentence("noteAgent")];
  const obstacle = obstacleOf({ facts, state, leaving: more.leaving });
  if (obstacle) {
    for (const field of ["line.shaper", ...queueing] as const) fields[field] = "impossible";
    notes.push(sentence("noteNoShaper", { why: obstacle }));
  }
  if (!state.features.bridge) {
    fields["device.isolated"] = "substituted";
    notes.push(sentence("noteNotApart"));
  }
  if (state.features.mwan3) notes.push(sentence("mwan3Marks"));
  if (!canLease(state, may)) notes.push(sentence("noteNoLeases"));
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

function withoutTunnels(facts: Facts, { controllable }: Means, fields: Capabilities["fields"], notes: Sentence[]): void {
  if (controllable.size > 0) return;
  fields["device.tunnel"] = "impossible";
  if (facts.tunnels.length > 0) notes.push(sentence("noteMayNotTunnel", { tunnels: facts.tunnels }));
}

/** What does not depend on how a plan is brought about. */
function common(facts: Facts, may: GrantedRights, more: Means, notes: Sentence[]) {
  if (more.connections && more.accounting) notes.push(sentence("noteNlbwmon"));
  if (facts.offloading) notes.push(sentence("offloadSkips"));
  notes.push(sentence("noteByMac"));
  const counts = may.has("ubus", "network.device", "status") && facts.wanDevice !== undefined;
  return {
    rollback: "router" as const,
    leases: false,
    // nlbwmon zeroes what the kernel counts as it reads: beside it connections tell nothing.
    ...(more.connections && !more.accounting ? { flows: { everyMs: flowsEveryMs } } : {}),
    counters: counts || more.accounting ? { perDevice: more.accounting, everyMs: more.accounting ? 30_000 : 5_000 } : null,
    tunnels: [...more.controllable].sort(),
    ...noted(notes),
  };
}
