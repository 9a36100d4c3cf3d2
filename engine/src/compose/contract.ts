import type { Application } from "@network-personas/personas";
import type {
  BlendedProfile,
  Capabilities,
  Constraint,
  Home,
  Instant,
  NetworkPlan,
  Omission,
  PlanReason,
  Refusal,
} from "../model/index.ts";

export interface ComposeInput {
  at: Instant;
  home: Home;
  applications: ReadonlyMap<string, Application>;
  /** One per subject; subjects without one have the base profile. */
  profiles: readonly BlendedProfile[];
  /** Devices that are here, or expected within the lead time. Needs are charged to these. */
  present: ReadonlySet<string>;
  /** What was planned before: changes are weighed against it, and `policy.minimumDwell` counts from its instant. */
  previous: NetworkPlan | null;
  constraints: readonly Constraint[];
  capabilities: Capabilities;
  /** Subjects whose change was observed or ordered: dwell does not bind raises for them. */
  urgent: ReadonlySet<string>;
  /** Subjects whose change was ordered: nothing waits for them. */
  ordered?: ReadonlySet<string>;
  /** Subjects of whom something else was thought than what they do: what was kept for that goes back at once. */
  corrected?: ReadonlySet<string>;
  /** `waiting` of the result before. Absent: everybody has waited long enough. */
  waiting?: Waiting;
}

export interface ComposeResult {
  /** The previous plan itself, with its instant, when nothing changes. */
  plan: NetworkPlan;
  reasons: readonly PlanReason[];
  refusals: readonly Refusal[];
  omissions: readonly Omission[];
  waiting: Waiting;
}

/** What a device may need less of than it holds. */
export type Need = "class" | "down" | "up" | "weight" | "latencyTarget";
/**
 * By device, since when it needs less of something than it holds, or could do with looser protection: neither is worth a change before
 * it has lasted. Each need has its own clock, for a device may have two in turn.
 */
export type Waiting = ReadonlyMap<string, { less?: Readonly<Partial<Record<Need, Instant>>>; looser?: Instant }>;
