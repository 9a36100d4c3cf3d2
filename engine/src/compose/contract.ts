import type { Application } from "@network-personas/personas";
import type { BlendedProfile, Capabilities, Constraint, Home, Instant, NetworkPlan, Omission, PlanReason, Refusal } from "../model/index.ts";

export interface ComposeInput {
  at: Instant;
  home: Home;
  applications: ReadonlyMap<string, Application>;
  /** One per subject; subjects without one have the base profile. */
  profiles: readonly BlendedProfile[];
  /** Devices that are here, or expected within the lead time. Needs are charged to these. */
  present: ReadonlySet<string>;
  previous: NetworkPlan | null;
  /** When the previous plan was made by a prediction: dwell binds. */
  constraints: readonly Constraint[];
  capabilities: Capabilities;
  /** Subjects whose change was observed or ordered: dwell does not bind raises for them. */
  urgent: ReadonlySet<string>;
}

export interface ComposeResult {
  plan: NetworkPlan;
  reasons: readonly PlanReason[];
  refusals: readonly Refusal[];
  omissions: readonly Omission[];
}
