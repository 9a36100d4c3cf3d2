import { type Both, both, epsilon, none } from "./both.ts";
import type { Alternative, Request } from "./demands.ts";
import { ackShare } from "./limits.ts";

/** The highest rungs both of which fit. A download brings the upstream its acknowledgements need. */
export function bestRung(alternative: Alternative, share: Both, request: Request): Both | undefined {
  const { need, elastic } = alternative;
  const limit = alternative.ordered ? share : both((direction) => Math.min(share[direction], request.cap[direction]));
  if (elastic) {
    const down = Math.min(need.down[0] ?? 0, limit.down, limit.up / ackShare);
    return { down, up: Math.min(Math.max(need.up[0] ?? 0, down * ackShare), limit.up) };
  }
  for (const down of need.down.length > 0 ? need.down : [0]) {
    if (down > limit.down + epsilon) continue;
    for (const up of need.up.length > 0 ? need.up : [0]) {
      const withAcks = Math.max(up, down * ackShare);
      if (withAcks <= limit.up + epsilon) return { down, up: withAcks };
    }
  }
  return undefined;
}

/** Below this the activity breaks. */
export function lowestOf({ need, elastic }: Alternative): Both {
  if (elastic) return none;
  const down = need.down.at(-1) ?? 0;
  return { down, up: Math.max(need.up.at(-1) ?? 0, down * ackShare) };
}
/** The best rungs, as far as a cap lets them. */
export function topOf(alternative: Alternative, request?: Request): Both {
  const { need, ordered } = alternative;
  const cap = ordered ? undefined : request?.cap;
  const down = Math.min(need.down[0] ?? 0, cap?.down ?? Number.POSITIVE_INFINITY);
  return { down, up: Math.min(Math.max(need.up[0] ?? 0, down * ackShare), cap?.up ?? Number.POSITIVE_INFINITY) };
}
/** Rates times a factor. */
export const scale = (rates: Both, factor: number): Both => both((direction) => rates[direction] * factor);
/** Most of an alternative that can be reserved. */
export const highest = (alternative: Alternative, request: Request): Both => scale(topOf(alternative, request), alternative.insured);
/** The largest of what alternatives ask for, in each direction. */
export const largest = (alternatives: readonly Alternative[], rates: (alternative: Alternative) => Both): Both =>
  alternatives.reduce<Both>((most, alternative) => {
    const own = rates(alternative);
    return both((direction) => Math.max(most[direction], own[direction]));
  }, none);

/** The most a request may have been promised of what its device had: the highest rungs inside that. */
export function accountable(request: Request, had: Both): Both {
  return largest(request.alternatives, (alternative) => {
    if (alternative.insured === 0) return none;
    // What was promised had been rounded down by up to 2 %.
    const rung = bestRung(alternative, scale(had, 1.03 / alternative.insured), request) ?? none;
    return scale(rung, alternative.insured);
  });
}
