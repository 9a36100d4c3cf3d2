import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, type PlanField, planFields, type Sentence, sentence } from "@network-personas/engine/model";
import type { View } from "./view.ts";

/** What support.yaml promises, less what this router, its firmware and its owner's settings do not let us do. */
export function capabilitiesOf(support: SupportFile, view: View): Capabilities {
  const fields = supportedFields(support);
  const notes = [sentence("noteAsusUndo"), sentence("noteAsusRestarts"), sentence("noteAsusLimits")];
  const lacking = (names: readonly PlanField[], note: Sentence) => {
    for (const name of names) fields[name] = "impossible";
    if (!notes.includes(note)) notes.push(note);
  };
  if (view.unable) lacking(planFields, view.unable);
  if (view.parental) lacking(["device.blocked"], view.parental);
  if (view.dns) lacking(["device.malwareFilter", "device.familyFilter"], view.dns);
  if (view.tunnels.why) lacking(["device.tunnel"], view.tunnels.why);
  else if (view.tunnels.usable.size === 0) lacking(["device.tunnel"], sentence("noteAsusNoVpn"));
  if (view.qos.kind !== "traditional") lacking(["line.shaper", "device.class"], view.qos.why);
  else if (!view.qos.line) lacking(["line.shaper"], sentence("asusRatesYours"));
  if (view.qos.kind !== "limiter") lacking(["device.ceiling"], view.qos.why);
  else if (view.ipv6) {
    fields["device.ceiling"] = "substituted";
    notes.push(sentence("limiterNoIpv6"));
  }
  const sorts = view.unable === undefined && view.qos.kind === "traditional";
  return {
    fields,
    classes: sorts ? ["realtime", "interactive", "streaming", "default", "bulk"] : ["default"],
    flowQueueing: false,
    rollback: "engine",
    leases: false,
    cutsEstablished: false,
    counters: { perDevice: false, everyMs: 30_000 },
    applyMs: 15_000,
    // Every change is written to flash and restarts services.
    minApplyIntervalMs: 30_000,
    tunnels: fields["device.tunnel"] === "impossible" ? [] : [...view.tunnels.usable.keys()],
    ...noted(notes),
  };
}
