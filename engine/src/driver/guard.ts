import type { DevicePlan, NetworkPlan } from "../model/index.ts";
import { UnsafePlan } from "./errors.ts";

/** Below this no connection works, not even the one that would lift the limit; kbit/s. */
export const starvation = 64;

/** What no plan may cut off. */
export interface Protection {
  /** Lower case; a device that has one of them is protected. */
  macs: ReadonlySet<string>;
  /** Ids of infrastructure devices: never blocked, starved or isolated. */
  devices?: ReadonlySet<string>;
  /** Ids of devices the owner says are never blocked. */
  neverBlock?: ReadonlySet<string>;
  /** What each line carries, kbit/s; no shaper may be set above it. */
  lines?: ReadonlyMap<string, { down: number; up: number }>;
}

/**
 * Refuses a plan that would cut the path between us and the router, or make a shaper useless.
 * @throws UnsafePlan naming device and field
 */
export function guardPlan(plan: NetworkPlan, protection: Protection, router: string): void {
  for (const device of plan.devices) {
    const danger = dangerTo(device, protection);
    if (danger) throw new UnsafePlan(`the plan ${danger}; nothing was written`, { router });
  }
  for (const { wan, shaper } of protection.lines ? plan.lines : []) {
    const line = protection.lines!.get(wan);
    if (!line)
      throw new UnsafePlan(`the plan shapes the line "${wan}", which this home does not have (lines.${wan}.shaper); nothing was written`, {
        router,
      });
    for (const way of ["down", "up"] as const) {
      if (shaper[way] > line[way]) {
        throw new UnsafePlan(
          `the plan shapes "${wan}" to ${shaper[way]} kbit/s, above the ${line[way]} kbit/s it carries (lines.${wan}.shaper.${way}); nothing was written`,
          { router },
        );
      }
    }
  }
}

function dangerTo(device: DevicePlan, protection: Protection): string | undefined {
  const field = (name: string) => `(devices.${device.device}.${name})`;
  const isProtected = protection.devices?.has(device.device) || device.macs.some((mac) => protection.macs.has(mac.toLowerCase()));
  if (device.blocked && protection.neverBlock?.has(device.device))
    return `blocks "${device.device}", which must never be blocked ${field("blocked")}`;
  if (!isProtected) return undefined;
  if (device.blocked) return `blocks "${device.device}", which belongs to the infrastructure ${field("blocked")}`;
  if (device.isolated) return `isolates "${device.device}", which belongs to the infrastructure ${field("isolated")}`;
  for (const way of ["down", "up"] as const) {
    const ceiling = device.ceiling[way];
    if (ceiling !== null && ceiling < starvation) {
      return `limits "${device.device}", which belongs to the infrastructure, to ${ceiling} kbit/s ${field(`ceiling.${way}`)}`;
    }
  }
  return undefined;
}
