import type { DevicePlan, PlanField } from "@network-personas/engine/model";
import { formatRate } from "@network-personas/personas";

/** What every device has unless the plan says otherwise. */
const neutralLatency = 60;

/** The fields a device asks something in, each with what it asks in words. Neutral values ask nothing. */
export type Wishes = Partial<Record<PlanField, string>>;

/** What a plan asks for one device, for omissions to repeat. */
export function wishes(device: DevicePlan): Wishes {
  const rates = (pair: { down: number | null; up: number | null }) =>
    (["down", "up"] as const).flatMap((way) => (pair[way] ? [`${formatRate(pair[way])} ${way}`] : [])).join(", ");
  const all: Partial<Record<PlanField, string | false>> = {
    "device.class": (device.class !== "default" || device.dscp !== 0) && `${device.class} (DSCP ${device.dscp})`,
    "device.guarantee": rates(device.guarantee),
    "device.ceiling": rates(device.ceiling),
    "device.weight": device.weight !== 1 && `weight ${device.weight}`,
    "device.latencyTarget": device.latencyTarget < neutralLatency && `${device.latencyTarget} ms`,
    "device.blocked": device.blocked && "no internet",
    "device.blockedApplications": device.blockedApplications.join(", "),
    "device.allowedApplications": device.firewall === "strict" && device.allowedApplications.join(", "),
    "device.firewall": device.firewall === "strict" && "strict",
    "device.inboundClosed": device.inboundClosed && "no connections from the internet",
    "device.isolated": device.isolated && "no connections to other devices",
    "device.tunnel": device.tunnel !== null && `through the tunnel ${device.tunnel}`,
    "device.malwareFilter": device.malwareFilter && "malware names filtered",
    "device.familyFilter": device.familyFilter && "adult names filtered",
  };
  return Object.fromEntries(Object.entries(all).filter(([, wanted]) => wanted)) as Wishes;
}

/** MAC addresses of a device as routers are told them: lower case, each once, in order. */
export const macsOf = (device: DevicePlan): string[] => [...new Set(device.macs.map((mac) => mac.toLowerCase()))].sort();
