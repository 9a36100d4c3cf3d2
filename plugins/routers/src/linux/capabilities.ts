import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, type Sentence, sentence } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import type { Layout } from "./layout.ts";
import type { Look } from "./reader.ts";

const queueing = ["line.shaper", "device.class", "device.guarantee", "device.ceiling", "device.weight", "device.latencyTarget"] as const;

/** What support.yaml promises, less what this machine lacks. */
export function capabilitiesOf(
  support: SupportFile,
  { queueKind, bridge, shaperObstacle, offloads, tellsNames, connections, layout }: Look & { connections: boolean; layout: Layout },
): Capabilities {
  const fields = supportedFields(support);
  const notes: Sentence[] = [];
  if (shaperObstacle) {
    for (const field of queueing) fields[field] = "impossible";
    notes.push(sentence("noteNoShaper", { why: shaperObstacle }));
  }
  if (!bridge) fields["device.isolated"] = "impossible";
  if (layout.tunnels.length === 0) fields["device.tunnel"] = "impossible";
  if (!tellsNames) {
    for (const field of ["device.blockedApplications", "device.allowedApplications"] as const) fields[field] = "substituted";
    notes.push(sentence("noteByPorts"));
  }
  if (offloads) notes.push(sentence("offloadOn"));
  if (queueKind === "bfifo") notes.push(sentence("notePlainQueues"));
  if (!connections) notes.push(sentence("noteNoConnections"));
  return {
    fields,
    classes: shaperObstacle ? ["default"] : [...trafficClasses],
    urgentApart: !shaperObstacle,
    flowQueueing: !shaperObstacle && queueKind !== "bfifo",
    rollback: "router",
    leases: true,
    cutsEstablished: true,
    ...(connections ? { flows: { everyMs: 2_000 } } : {}),
    counters: { perDevice: true, everyMs: 2_000 },
    applyMs: 300,
    minApplyIntervalMs: 0,
    // Those that are down too: what is sent into them goes nowhere, not round them.
    tunnels: layout.tunnels.map(({ id }) => id),
    ...noted(notes),
  };
}
