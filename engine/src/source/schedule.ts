const minute = 60_000;
const hour = 60 * minute;
/** A publisher's hint is followed between these. */
const [shortest, longest] = [5 * minute, 24 * hour];

/** When to ask again after a good answer, ms. The owner's wish is a floor for the publisher's hint, never the other way round. */
export function nextRefresh(wanted: number, hint: number | undefined, random: number): number {
  const hinted = hint === undefined ? 0 : Math.min(Math.max(hint, shortest), longest);
  return spread(Math.max(wanted, minute, hinted), random);
}

/** When to ask again after `failures` failures in a row, ms. */
export function nextRetry(
  failures: number,
  wanted: number,
  error: { lasting: boolean; retryAfter?: number | undefined },
  random: number,
): number {
  const first = error.lasting ? Math.max(wanted, shortest) : minute;
  const backOff = Math.min(first * 2 ** Math.min(failures - 1, 12), error.lasting ? longest : 6 * hour);
  return spread(Math.max(backOff, Math.min(error.retryAfter ?? 0, longest)), random);
}

/** Up to a tenth later, so that many homes do not ask at the same second. */
const spread = (ms: number, random: number): number => Math.round(ms * (1 + random / 10));
