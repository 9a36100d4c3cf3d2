import type { ComposeResult } from "../compose/index.ts";
import { type PlanView, whenRead } from "../model/index.ts";

/** A composed plan as it is shown, with what each router does about it. */
export const planView = (composed: ComposeResult, routers: PlanView["routers"]): PlanView =>
  whenRead({ plan: composed.plan, refusals: [...composed.refusals], routers }, "reasons", () => [...composed.reasons]);
