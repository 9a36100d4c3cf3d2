import { noted, type SupportFile, supportedFields } from "@network-personas/engine/driver";
import { type Capabilities, sentence } from "@network-personas/engine/model";
import type { Able } from "./lower.ts";

/** What support.yaml promises, less what this FRITZ!OS lacks. */
export function capabilitiesOf(support: SupportFile, able: Able, counts: boolean): Capabilities {
  const fields = supportedFields(support);
  const notes = [sentence("noteFritzUndo"), sentence("noteFritzMarks"), sentence("noteFritzUnseen")];
  if (!able.blocked) {
    fields["device.blocked"] = "impossible";
    notes.push(sentence("fritzNoBlock"));
  }
  if (!able.priority) {
    fields["device.class"] = "impossible";
    notes.push(sentence("fritzNoPriority"));
  }
  if (!counts) notes.push(sentence("noteFritzUncounted"));
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
    ...noted(notes),
  };
}
