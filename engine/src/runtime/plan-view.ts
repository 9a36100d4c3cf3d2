import type { ComposeResult } from "../compose/index.ts";
import type { PlanView } from "../model/index.ts";

/** A composed plan as it is shown, with what each router does about it. */
export const planView = (composed: ComposeResult, routers: PlanView["routers"]): PlanView => ({
  plan: composed.plan,
  get reasons() {
    return [...composed.reasons];
  },
  refusals: [...composed.refusals],
  routers,
});
