import type { SignalKind } from "../model/index.ts";

const minute = 60_000;
const hour = 60 * minute;

/** How long a signal is believed when its sender does not say, and at most. Milliseconds. */
export const lifetimes: Record<SignalKind, { default: number; longest: number }> = {
  presence: { default: 12 * hour, longest: 48 * hour },
  location: { default: 18 * hour, longest: 48 * hour },
  evidence: { default: 30 * minute, longest: 24 * hour },
  // Replaced by policy.forcedFor when the owner's policy says otherwise.
  override: { default: 4 * hour, longest: 7 * 24 * hour },
  activity: { default: 10 * minute, longest: 12 * hour },
};
