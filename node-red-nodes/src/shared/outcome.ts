import type { ApplyOutcome } from "@network-personas/engine/model";

/** `held`: somebody paused the engine, undid its last change or released the routers; the proposal stands and waits. */
export type Result = "held" | "confirmed" | "unchanged" | "previewed" | "rolled-back" | "failed";

/** What came of a proposal over all routers of the home. The worst router decides. */
export interface Verdict {
  result: Result;
  /** Nothing failed. In preview nothing was written either. */
  ok: boolean;
  changes: number;
  /** What was (or, in preview, would be) changed, in words. */
  summary: string[];
  /** What routers could not do, and what was done instead. */
  omissions: string[];
  errors: { router: string; code: string; message: string }[];
}

const worstFirst: readonly Result[] = ["failed", "rolled-back", "confirmed", "previewed", "unchanged"];

/** No outcomes means that nothing had to be done, as what is in force already is what was asked for, or that nothing may be done now. */
export function verdictOf(outcomes: readonly ApplyOutcome[], isHeld = false): Verdict {
  const result = worstFirst.find((r) => outcomes.some((outcome) => outcome.result === r)) ?? (isHeld ? "held" : "unchanged");
  const changes = outcomes.flatMap((outcome) => outcome.changes);
  return {
    result,
    ok: result !== "failed" && result !== "rolled-back",
    changes: changes.length,
    summary: changes.map((change) => change.summary),
    omissions: outcomes.flatMap((outcome) => outcome.omissions.map((omission) => `${outcome.router}: ${omission.wanted}: ${omission.why}`)),
    errors: outcomes.flatMap((outcome) => (outcome.error ? [{ router: outcome.router, ...outcome.error }] : [])),
  };
}
