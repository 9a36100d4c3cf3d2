import { type DevicePlan, type PlanField, type Sentence, sentence, verbatim } from "@network-personas/engine/model";

/** What every device has unless the plan says otherwise. */
const neutralLatency = 60;

/** The fields a device asks something in, each with what it asks in words. Neutral values ask nothing. */
export type Wishes = Partial<Record<PlanField, Sentence>>;

/** What a plan asks for one device, for omissions to repeat. */
export function wishes(device: DevicePlan): Wishes {
  const listed = (list: readonly Sentence[]) => list.length > 0 && sentence("listed", { list });
  const rates = (pair: { down: number | null; up: number | null }) =>
    listed((["down", "up"] as const).flatMap((way) => (pair[way] ? [sentence("oneRate", { rate: pair[way], way })] : [])));
  const all: Partial<Record<PlanField, Sentence | false>> = {
    "device.class": (device.class !== "default" || device.dscp !== 0) && sentence("wishClass", { class: device.class, dscp: device.dscp }),
    "device.guarantee": rates(device.guarantee),
    "device.ceiling": rates(device.ceiling),
    "device.weight": device.weight !== 1 && sentence("weightOf", { weight: device.weight }),
    "device.latencyTarget": device.latencyTarget < neutralLatency && sentence("delayOf", { ms: device.latencyTarget }),
    "device.blocked": device.blocked && sentence("noInternet"),
    "device.blockedApplications": listed(device.blockedApplications.map(verbatim)),
    "device.allowedApplications": device.firewall === "strict" && listed(device.allowedApplications.map(verbatim)),
    "device.firewall": device.firewall === "strict" && sentence("levelName", { level: "strict" }),
    "device.inboundClosed": device.inboundClosed && sentence("wishInbound"),
    "device.isolated": device.isolated && sentence("wishIsolated"),
    "device.tunnel": device.tunnel !== null && sentence("optionTunnel", { tunnel: device.tunnel }),
    "device.malwareFilter": device.malwareFilter && sentence("wishMalware"),
    "device.familyFilter": device.familyFilter && sentence("wishFamily"),
  };
  return Object.fromEntries(Object.entries(all).filter(([, wanted]) => wanted)) as Wishes;
}

/** MAC addresses of a device as routers are told them: lower case, each once, in order. */
export const macsOf = (device: DevicePlan): string[] => [...new Set(device.macs.map((mac) => mac.toLowerCase()))].sort();
