import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, inEnglish, type PlanField } from "@network-personas/engine/model";
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
  const notes: string[] = [];
  const lacking = (names: readonly PlanField[]) => {
    for (const name of names) fields[name] = "impossible";
  };
  const obstacle = shaperObstacle(look);
  if (obstacle !== undefined) {
    lacking([...queueing, "device.tunnel"]);
    notes.push(`no shaper of ours: ${inEnglish(obstacle)}`);
  }
  const tunnels = obstacle === undefined ? [...usable(look.tunnels).keys()] : [];
  if (tunnels.length === 0) lacking(["device.tunnel"]);
  if (look.offloadedPorts.length > 0) {
    fields["device.isolated"] = "substituted";
    notes.push(`a switch chip forwards frames between ${look.offloadedPorts.join(", ")} past all rules`);
  }
  if (!more.deviceMode.scheduler)
    notes.push(`device-mode "${more.deviceMode.mode}" forbids the scheduler, so the router cannot undo anything by itself: only we can`);
  if (more.foreignQueues.length > 0) notes.push(`queues that are not ours shape, too: ${more.foreignQueues.join(", ")}`);
  notes.push("connections that FastTrack had taken before it was told to spare ours go past queues and rules until they end");
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
    notes,
  };
}
