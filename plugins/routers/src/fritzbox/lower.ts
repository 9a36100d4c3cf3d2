import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import { formatRate, type TrafficClass } from "@network-personas/personas";
import { macsOf, wishes } from "../shared/wishes.ts";
import { addressOf, type Bit, type Host, type Mark, sorted } from "./hosts.ts";

/** What this FRITZ!OS can do. */
export type Able = Readonly<Record<Bit, boolean>>;

export interface Lowered {
  marks: Mark[];
  omissions: Omission[];
}

/** Classes whose uploads cannot wait: calls and games. */
const urgent: ReadonlySet<TrafficClass> = new Set(["realtime", "interactive"]);

const noRates = "FRITZ!OS lets applications set no rates and no shares of single devices";
const onlyInTheUi = (what: string) => `FRITZ!OS lets applications not do it; ${what}`;
/** What it cannot do at all, and where its owner can. */
const impossible: Partial<Record<PlanField, string>> = {
  "device.guarantee": noRates,
  "device.ceiling": noRates,
  "device.weight": noRates,
  "device.latencyTarget": "FRITZ!OS shapes uploads itself and knows no delays of devices",
  "device.blockedApplications": onlyInTheUi("block them in an access profile under Internet > Filters"),
  "device.allowedApplications": onlyInTheUi("allow them in an access profile under Internet > Filters"),
  "device.firewall": onlyInTheUi("give the device a strict access profile under Internet > Filters"),
  "device.inboundClosed":
    "FRITZ!OS lets in what its owner permits under Internet > Permit Access, and nothing else; that is not ours to change",
  "device.isolated": onlyInTheUi("put the device into the guest network"),
  "device.tunnel": onlyInTheUi("choose the devices of a WireGuard connection under Internet > Permit Access > VPN"),
  "device.malwareFilter":
    "FRITZ!OS has one resolver for the whole home; choose a filtering one under Internet > Account Information > DNS Server",
  "device.familyFilter": onlyInTheUi("give the device an access profile with the filter list under Internet > Filters"),
};

/** What a plan becomes on a FRITZ!Box, and what of it does not. Pure. */
export function lower(plan: NetworkPlan, hosts: readonly Host[], able: Able): Lowered {
  const lowered: Lowered = { marks: [], omissions: [] };
  for (const { shaper } of plan.lines)
    lowered.omissions.push({
      field: "line.shaper",
      device: null,
      wanted: `${formatRate(shaper.down)} down, ${formatRate(shaper.up)} up`,
      instead: "",
      why: "FRITZ!OS shapes uploads to the rate of the line by itself and lets applications set none",
    });
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, hosts, able, lowered);
  lowered.marks = sorted([...new Map(lowered.marks.map((mark) => [`${mark.mac} ${mark.bit}`, mark])).values()]);
  return lowered;
}

function lowerDevice(device: DevicePlan, hosts: readonly Host[], able: Able, { marks, omissions }: Lowered): void {
  const wanted = wishes(device);
  const omit = (field: PlanField, why: string, instead = "") =>
    void omissions.push({ field, device: device.device, wanted: wanted[field]!, instead, why });
  const macs = macsOf(device);
  if (macs.length === 0) {
    for (const field of Object.keys(wanted) as PlanField[])
      omit(field, "no MAC address of the device is known, so it cannot be told from others");
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, string][]) if (wanted[field] !== undefined) omit(field, why);

  const known = hosts.filter((host) => macs.includes(host.mac));
  const canBeTold = (bit: Bit) => known.filter((host) => host[bit] || addressOf(host, hosts) !== undefined);
  const obstacle = (bit: Bit) => {
    if (known.length === 0) return "the FRITZ!Box has not seen the device yet, and takes such orders only for devices it knows";
    if (canBeTold(bit).length > 0) return undefined;
    return "the device has no IPv4 address of its own now, and FRITZ!OS takes such orders by address only";
  };
  const mark = (bit: Bit) => marks.push(...canBeTold(bit).map(({ mac }) => ({ mac, bit })));

  if (device.blocked) {
    const missing = obstacle("blocked");
    if (!able.blocked) omit("device.blocked", "this FRITZ!OS has no host filter for applications; update it under System > Update");
    else if (missing) omit("device.blocked", missing);
    else {
      mark("blocked");
      omit(
        "device.blocked",
        `FRITZ!OS is told of a device by its IPv4 address and takes up to half a minute${device.cutEstablished ? "; it does not say whether it ends running connections" : ""}`,
        "the device is refused internet access as the box knows it now",
      );
    }
  }
  if (wanted["device.class"] === undefined) return;
  const missing = obstacle("priority");
  if (!urgent.has(device.class)) omit("device.class", "FRITZ!OS knows one priority, for what cannot wait; everything else is equal");
  else if (!able.priority) omit("device.class", "this FRITZ!OS lets applications set no priority; 7.57 and newer do");
  else if (missing) omit("device.class", missing);
  else {
    mark("priority");
    omit(
      "device.class",
      "FRITZ!OS knows one priority and uses it for uploads only",
      "what the device uploads goes first, as a real-time application",
    );
  }
}
