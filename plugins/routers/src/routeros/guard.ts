import { starvation, UnsafePlan } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { guardInfrastructure, normalised, ownTunnel } from "../shared/guard.ts";
import type { Look } from "./look.ts";

/**
 * Refuses what could cut our own path to this router, beyond what no plan may do anywhere. Our rules see only what passes the router;
 * what is said to it (DNS, DHCP, its administration) they never touch.
 * @throws UnsafePlan naming device or line
 */
export function guardRouterOs(
  plan: NetworkPlan,
  look: Pick<Look, "ownMacs">,
  context: { router: string; protectedMacs: ReadonlySet<string> },
): void {
  const { router, protectedMacs } = context;
  guardInfrastructure(plan, normalised([...protectedMacs, ...look.ownMacs]), router, [ownTunnel]);
  for (const { wan, shaper } of plan.lines)
    if (Math.min(shaper.down, shaper.up) < starvation)
      throw new UnsafePlan(`the plan shapes "${wan}" to less than ${starvation} kbit/s (lines.${wan}.shaper); nothing was written`, {
        router,
      });
}
