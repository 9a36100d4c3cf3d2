import type { ApplyOutcome } from "../model/index.ts";

/**
 * What came of a change without what it tells of some devices, named by ids and MAC addresses; null when it tells of nothing else.
 * In doubt more is left out: drivers name what they write in ways of their own.
 */
export function outcomeWithout(outcome: ApplyOutcome, names: readonly string[]): ApplyOutcome | null {
  if (names.length === 0) return outcome;
  const escaped = names.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, "[^a-z0-9]"));
  const named = new RegExp(`(?<![a-z0-9])(?:${escaped.join("|")})(?![a-z0-9])`);
  const tells = (what: object) => named.test(JSON.stringify(what).toLowerCase());
  const changes = outcome.changes.filter((change) => !tells(change));
  const omissions = outcome.omissions.filter((omission) => !tells(omission));
  const hadChanges = outcome.changes.length > 0;
  return hadChanges && changes.length === 0 && !outcome.error ? null : { ...outcome, changes, omissions };
}
