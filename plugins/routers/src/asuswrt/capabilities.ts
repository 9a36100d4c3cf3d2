import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, inEnglish, type PlanField, planFields } from "@network-personas/engine/model";
import type { View } from "./view.ts";

/** What support.yaml promises, less what this router, its firmware and its owner's settings do not let us do. */
export function capabilitiesOf(support: SupportFile, view: View): Capabilities {
  const fields = supportedFields(support);
  const notes = [
    "an ASUS router cannot undo anything by itself; only rules of single devices and the QoS that may be switched on are changed, never what we reach it by",
    "every change restarts the firewall, and QoS with it where it is concerned: traffic may pause for some seconds",
    "limits have no room for a name: what is ours of them is kept in the router's data folder",
  ];
  const lacking = (names: readonly PlanField[], note: string) => {
    for (const name of names) fields[name] = "impossible";
    if (!notes.includes(note)) notes.push(note);
  };
  if (view.unable) lacking(planFields, inEnglish(view.unable));
  if (view.parental) lacking(["device.blocked"], inEnglish(view.parental));
  if (view.dns) lacking(["device.malwareFilter", "device.familyFilter"], inEnglish(view.dns));
  if (view.tunnels.why) lacking(["device.tunnel"], inEnglish(view.tunnels.why));
  else if (view.tunnels.usable.size === 0) lacking(["device.tunnel"], "there is no VPN client that nothing passes by");
  if (view.qos.kind !== "traditional") lacking(["line.shaper", "device.class"], inEnglish(view.qos.why));
  else if (!view.qos.line) lacking(["line.shaper"], "the rates of the line are the owner's");
  if (view.qos.kind !== "limiter") lacking(["device.ceiling"], inEnglish(view.qos.why));
  else if (view.ipv6) {
    fields["device.ceiling"] = "substituted";
    notes.push("the Bandwidth Limiter does not see IPv6");
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
    notes,
  };
}
