import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import type { Capabilities } from "@network-personas/engine/model";
import type { Facts } from "./facts.ts";
import { cutConnections, type GrantedRights, listQdiscs, ruleset } from "./rights.ts";
import { queueingOf, shaperObstacle } from "./shaper.ts";

/** How long the parts of an apply take on the wire, measured: firewall 1.2 s, shaper 1.6 s. */
const applyMs = 2_000;
/** procd's delay, and the time in which sqm would miss a second change. */
const minApplyIntervalMs = 3_000;

/** Four processes a look: as often as a small router bears. */
const flowsEveryMs = 5_000;

export const canCut = (may: GrantedRights): boolean => may.canRun([...cutConnections("*")]);

/** What support.yaml promises, less what this router or this account lacks. */
export function capabilitiesOf(
  support: SupportFile,
  facts: Facts,
  may: GrantedRights,
  more: { accounting: boolean; connections: boolean; controllable: ReadonlySet<string> },
): Capabilities {
  const fields = supportedFields(support);
  const obstacle = shaperObstacle(facts);
  const queueing = queueingOf(facts);
  const notes: string[] = [];
  if (obstacle) {
    fields["line.shaper"] = "impossible";
    notes.push(`no shaper of ours: ${obstacle.why}`);
  }
  if (obstacle || queueing !== "cake") fields["device.guarantee"] = "impossible";
  if (obstacle || queueing === "fifo") fields["device.latencyTarget"] = "impossible";
  if (more.controllable.size === 0) {
    fields["device.tunnel"] = "impossible";
    if (facts.tunnels.length > 0) notes.push(`the account may not bring tunnels up and down (${facts.tunnels.join(", ")})`);
  }
  if (!may.canRun(ruleset) || !may.canRun(listQdiscs))
    notes.push("the account may not look at nft or tc: a change is confirmed without seeing it in force");
  if (more.connections && more.accounting)
    notes.push("nlbwmon counts devices, so single connections are not looked at; without it, games and calls can be told apart");
  if (facts.offloading) notes.push("flow offloading is on: offloaded connections skip shaper, marks and counters");
  notes.push("rules are found by MAC address; a device that changes its private address is a new device to the router");
  const counts = may.has("ubus", "network.device", "status") && facts.wanDevice !== undefined;
  return {
    fields,
    classes: queueing === "cake" && !obstacle ? ["realtime", "interactive", "default", "bulk"] : ["default"],
    flowQueueing: !obstacle && queueing !== "fifo",
    rollback: "router",
    leases: false,
    cutsEstablished: canCut(may),
    // nlbwmon zeroes what the kernel counts as it reads: beside it connections tell nothing.
    ...(more.connections && !more.accounting ? { flows: { everyMs: flowsEveryMs } } : {}),
    counters: counts || more.accounting ? { perDevice: more.accounting, everyMs: more.accounting ? 30_000 : 5_000 } : null,
    applyMs,
    minApplyIntervalMs,
    tunnels: [...more.controllable].sort(),
    notes,
  };
}
