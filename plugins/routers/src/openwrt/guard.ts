import { starvation, UnsafePlan } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { guardInfrastructure, normalised } from "../shared/guard.ts";
import type { Facts } from "./facts.ts";
import type { Settings } from "./settings.ts";

/**
 * Refuses what could cut our own path to this router, beyond what no plan may do anywhere.
 * @throws UnsafePlan naming device or line
 */
export function guardOpenWrt(
  plan: NetworkPlan,
  facts: Facts,
  context: { settings: Settings; router: string; protectedMacs: ReadonlySet<string> },
): void {
  const { router, settings } = context;
  const refuse = (message: string): never => {
    throw new UnsafePlan(`${message}; nothing was written`, { router });
  };
  const own = new Set(facts.interfaces.flatMap((i) => [...i["ipv4-address"], ...i["ipv6-address"]].map((a) => a.address)));
  const routerMacs = [...facts.addresses].filter(([, addresses]) => addresses.some((address) => own.has(address))).map(([mac]) => mac);
  guardInfrastructure(plan, normalised([...context.protectedMacs, ...routerMacs]), router);
  if (facts.wanDevice && facts.lanDevices.has(facts.wanDevice))
    refuse(
      `the shaper would sit on ${facts.wanDevice}, which carries the zone "${settings.lanZone}" and our own way to the router; correct \`wanDevice\``,
    );
  for (const { wan, shaper } of plan.lines) {
    if (Math.min(shaper.down, shaper.up) < starvation)
      refuse(`the plan shapes "${wan}" to less than ${starvation} kbit/s (lines.${wan}.shaper)`);
  }
}
