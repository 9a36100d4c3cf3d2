import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import type { Capabilities } from "@network-personas/engine/model";
import { planFields } from "@network-personas/engine/model";
import type { Family } from "./policies.ts";

/** What support.yaml promises, less what this UniFi Network lacks. */
export function capabilitiesOf(support: SupportFile, family: Family | undefined, tunnels: readonly string[]): Capabilities {
  const fields = supportedFields(support);
  const notes = [
    "a UniFi console cannot undo anything by itself; only policies of single devices are changed, never networks, Wi-Fi or the WAN",
    "a policy takes from seconds to a minute to reach the gateway; what is read back is what the console holds",
  ];
  const lacking = (names: readonly (keyof typeof fields)[], note: string) => {
    for (const name of names) fields[name] = "impossible";
    notes.push(note);
  };
  if (family === undefined) lacking(planFields, "this UniFi Network has no policies for single devices");
  else if (family === "rules")
    lacking(
      ["device.class", "device.blockedApplications", "device.tunnel"],
      "this UniFi Network has no policy objects, which 9.4 and newer have",
    );
  if (family === "objects" && tunnels.length === 0) lacking(["device.tunnel"], "there is no VPN client that is switched on");
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
    notes,
  };
}
