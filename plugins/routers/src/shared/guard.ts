import { guardPlan, UnsafePlan } from "@network-personas/engine/driver";
import type { DevicePlan, NetworkPlan } from "@network-personas/engine/model";

/** MAC addresses as plans have them. */
export const normalised = (macs: Iterable<string>): Set<string> => new Set([...macs].map((mac) => mac.toLowerCase().replaceAll("-", ":")));

/** What a driver does to a device by itself, and which wish of a plan brings it about. */
type Restriction = readonly [field: keyof DevicePlan & string, does: (device: DevicePlan) => string | false];
const restrictions: readonly Restriction[] = [
  ["firewall", (device) => device.firewall === "strict" && `lets "${device.device}" reach almost nothing`],
  ["blockedApplications", (device) => device.blockedApplications.length > 0 && `blocks applications of "${device.device}"`],
];
/** Where the tunnel is for this device alone, with a kill switch. */
export const ownTunnel: Restriction = [
  "tunnel",
  (device) => device.tunnel !== null && `sends "${device.device}" through a tunnel or nowhere`,
];

/**
 * Refuses what would cut off what the home network is made of.
 * @throws UnsafePlan naming device and field
 */
export function guardInfrastructure(plan: NetworkPlan, macs: ReadonlySet<string>, router: string, more: readonly Restriction[] = []): void {
  guardPlan(plan, { macs }, router);
  for (const device of plan.devices) {
    if (!device.macs.some((mac) => macs.has(mac.toLowerCase()))) continue;
    for (const [field, does] of [...restrictions, ...more]) {
      const danger = does(device);
      if (danger)
        throw new UnsafePlan(
          `the plan ${danger}, which belongs to the infrastructure (devices.${device.device}.${field}); nothing was written`,
          { router },
        );
    }
  }
}
