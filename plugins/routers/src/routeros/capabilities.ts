import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import { type DeviceMode, type Look, shaperObstacle } from "./look.ts";
import { usable } from "./tunnels.ts";

const queueing = ["line.shaper", "device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"] as const;

/** As often as a small router bears: the whole table of connections in one answer. */
const flowsEveryMs = 5_000;

/** What support.yaml promises, less what this router lacks. */
export function capabilitiesOf(
  support: SupportFile,
  look: Look,
  more: { deviceMode: DeviceMode; foreignQueues: readonly string[]; countsAll: boolean },
): Capabilities {
  const fields = supportedFields(support);
  const notes: Sentence[] = [];
  const lacking = (names: readonly PlanField[]) => {
    for (const name of names) fields[name] = "impossible";
  };
  const obstacle = shaperObstacle(look);
  if (obstacle !== undefined) {
    lacking([...queueing, "device.tunnel"]);
    notes.push(sentence("noteNoShaper", { why: obstacle }));
  }
  const tunnels = obstacle === undefined ? [...usable(look.tunnels).keys()] : [];
  if (tunnels.length === 0) lacking(["device.tunnel"]);
  if (look.offloadedPorts.length > 0) {
    fields["device.isolated"] = "substituted";
    notes.push(sentence("noteSwitchChip", { ports: look.offloadedPorts }));
  }
  if (!more.deviceMode.scheduler) notes.push(sentence("noScheduler", { mode: more.deviceMode.mode }));
  if (more.foreignQueues.length > 0) notes.push(sentence("queuesShape", { queues: more.foreignQueues }));
  notes.push(sentence("noteFastTracked"));
  return {
    fields,
    classes: obstacle === undefined ? [...trafficClasses] : ["default"],
    flowQueueing: obstacle === undefined,
    rollback: more.deviceMode.scheduler ? "router" : "engine",
    leases: true,
    cutsEstablished: true,
    flows: { everyMs: flowsEveryMs },
    // Else queues of ours count the devices of the plan.
    counters: { perDevice: more.countsAll || obstacle === undefined, everyMs: 5_000 },
    // Some hundred requests of 10 to 40 ms for a first plan, a few for most changes.
    applyMs: 3_000,
    // Every change is written to flash.
    minApplyIntervalMs: 2_000,
    tunnels,
    ...noted(notes),
  };
}
