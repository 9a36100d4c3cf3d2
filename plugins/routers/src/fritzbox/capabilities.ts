import { type SupportFile, supportedFields } from "@network-personas/engine/driver";
import type { Capabilities } from "@network-personas/engine/model";
import type { Able } from "./lower.ts";

/** What support.yaml promises, less what this FRITZ!OS lacks. */
export function capabilitiesOf(support: SupportFile, able: Able, counts: boolean): Capabilities {
  const fields = supportedFields(support);
  const notes = [
    "a FRITZ!Box cannot undo anything by itself; only the internet access and the upload priority of single devices are changed, never what we reach it by",
    "a FRITZ!Box has no room for marks of ours: what is ours is kept in the router's data folder",
    "a device that the box has never seen cannot be blocked beforehand",
  ];
  if (!able.blocked) {
    fields["device.blocked"] = "impossible";
    notes.push("this FRITZ!OS lets applications not block devices");
  }
  if (!able.priority) {
    fields["device.class"] = "impossible";
    notes.push("this FRITZ!OS lets applications set no priority; 7.57 and newer do");
  }
  if (!counts) notes.push("the box does not show its status over UPnP, so the line is not counted");
  return {
    fields,
    classes: able.priority ? ["interactive", "default"] : ["default"],
    flowQueueing: false,
    rollback: "engine",
    leases: false,
    cutsEstablished: false,
    counters: counts ? { perDevice: false, everyMs: 5_000 } : null,
    applyMs: 3_000,
    // Every order is written to flash.
    minApplyIntervalMs: 10_000,
    tunnels: [],
    notes,
  };
}
