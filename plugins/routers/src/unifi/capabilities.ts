import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, planFields, type Sentence, sentence } from "@network-personas/engine/model";
import type { Family } from "./policies.ts";

/** What support.yaml promises, less what this UniFi Network lacks. */
export function capabilitiesOf(support: SupportFile, family: Family | undefined, tunnels: readonly string[]): Capabilities {
  const fields = supportedFields(support);
  const notes = [sentence("noteUnifiUndo"), sentence("noteUnifiSlow")];
  const lacking = (names: readonly (keyof typeof fields)[], note: Sentence) => {
    for (const name of names) fields[name] = "impossible";
    notes.push(note);
  };
  if (family === undefined) lacking(planFields, sentence("noteUnifiNone"));
  else if (family === "rules") lacking(["device.class", "device.blockedApplications", "device.tunnel"], sentence("unifiNoObjects"));
  if (family === "objects" && tunnels.length === 0) lacking(["device.tunnel"], sentence("noVpnOn"));
  return {
    fields,
    classes: family === "objects" ? ["interactive", "default"] : ["default"],
    flowQueueing: false,
    rollback: "engine",
    leases: false,
    cutsEstablished: false,
    counters: { perDevice: true, everyMs: 10_000 },
    applyMs: 20_000,
    // Every change is provisioned to all devices of the site.
    minApplyIntervalMs: 10_000,
    tunnels: family === "objects" ? [...tunnels] : [],
    ...noted(notes),
  };
}
