import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { TrafficClass } from "@network-personas/personas";
import { omission } from "../shared/omission.ts";
import { macsOf, wishes } from "../shared/wishes.ts";
import { addressOf, type Bit, type Host, type Mark, sorted } from "./hosts.ts";

/** What this FRITZ!OS can do. */
export type Able = Readonly<Record<Bit, boolean>>;

export interface Lowered {
  marks: Mark[];
  omissions: SaidOmission[];
}

/** Classes whose uploads cannot wait: calls and games. */
const urgent: ReadonlySet<TrafficClass> = new Set(["realtime", "interactive"]);

const noRates = sentence("fritzNoRates");
/** What it cannot do at all, and where its owner can. */
const impossible: Partial<Record<PlanField, Sentence>> = {
  "device.guarantee": noRates,
  "device.ceiling": noRates,
  "device.weight": noRates,
  "device.latencyTarget": sentence("fritzLatency"),
  "device.blockedApplications": sentence("fritzBlockApps"),
  "device.allowedApplications": sentence("fritzAllowApps"),
  "device.firewall": sentence("fritzStrict"),
  "device.inboundClosed": sentence("fritzInbound"),
  "device.isolated": sentence("fritzIsolated"),
  "device.tunnel": sentence("fritzTunnel"),
  "device.malwareFilter": sentence("fritzMalware"),
  "device.familyFilter": sentence("fritzFamily"),
};

/** What a plan becomes on a FRITZ!Box, and what of it does not. Pure. */
export function lower(plan: NetworkPlan, hosts: readonly Host[], able: Able): Lowered {
  const lowered: Lowered = { marks: [], omissions: [] };
  for (const { shaper } of plan.lines)
    lowered.omissions.push(
      omission("line.shaper", null, sentence("ratesOf", { down: shaper.down, up: shaper.up }), sentence("fritzShaper")),
    );
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, hosts, able, lowered);
  lowered.marks = sorted([...new Map(lowered.marks.map((mark) => [`${mark.mac} ${mark.bit}`, mark])).values()]);
  return lowered;
}

function lowerDevice(device: DevicePlan, hosts: readonly Host[], able: Able, { marks, omissions }: Lowered): void {
  const wanted = wishes(device);
  const omit = (field: PlanField, why: Sentence, instead: Sentence | "" = "") =>
    void omissions.push(omission(field, device.device, wanted[field]!, why, instead));
  const macs = macsOf(device);
  if (macs.length === 0) {
    for (const field of Object.keys(wanted) as PlanField[]) omit(field, sentence("cannotTell"));
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, Sentence][]) if (wanted[field] !== undefined) omit(field, why);

  const known = hosts.filter((host) => macs.includes(host.mac));
  const canBeTold = (bit: Bit) => known.filter((host) => host[bit] || addressOf(host, hosts) !== undefined);
  const obstacle = (bit: Bit) => {
    if (known.length === 0) return sentence("fritzUnseen");
    if (canBeTold(bit).length > 0) return undefined;
    return sentence("fritzNoAddress");
  };
  const mark = (bit: Bit) => marks.push(...canBeTold(bit).map(({ mac }) => ({ mac, bit })));

  if (device.blocked) {
    const missing = obstacle("blocked");
    if (!able.blocked) omit("device.blocked", sentence("fritzNoFilter"));
    else if (missing) omit("device.blocked", missing);
    else {
      mark("blocked");
      omit("device.blocked", sentence(device.cutEstablished ? "fritzHalfMinuteCut" : "fritzHalfMinute"), sentence("fritzAsKnown"));
    }
  }
  if (wanted["device.class"] === undefined) return;
  const missing = obstacle("priority");
  if (!urgent.has(device.class)) omit("device.class", sentence("fritzOnePriority"));
  else if (!able.priority) omit("device.class", sentence("fritzNoPriority"));
  else if (missing) omit("device.class", missing);
  else {
    mark("priority");
    omit("device.class", sentence("fritzUploadsOnly"), sentence("fritzUploadFirst"));
  }
}
