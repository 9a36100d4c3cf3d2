import { between, earliest, type Instant, type Label, later, latest } from "../model/index.ts";

/** Share of a window that must be labelled before it teaches anything. */
const leastCoverage = 0.5;

/** What really happened in a window: the persona with the most labelled time, or null when too little of it is known. */
export function outcomeOf(
  window: { subject: string; at: Instant; horizon: number },
  labels: readonly Label[],
): { persona: string; weight: number } | null {
  const end = later(window.at, window.horizon);
  const time = new Map<string, { covered: number; weighted: number }>();
  for (const label of labels) {
    if (label.subject !== window.subject || label.to <= window.at || label.from >= end) continue;
    const covered = between(latest(label.from, window.at), earliest(label.to, end));
    const sum = time.get(label.persona) ?? { covered: 0, weighted: 0 };
    time.set(label.persona, { covered: sum.covered + covered, weighted: sum.weighted + covered * label.weight });
  }
  const [best] = [...time].sort(([a, x], [b, y]) => y.weighted - x.weighted || (a < b ? -1 : 1));
  const covered = [...time.values()].reduce((sum, t) => sum + t.covered, 0);
  if (!best || covered < window.horizon * leastCoverage) return null;
  const [persona, { covered: own, weighted }] = best;
  return { persona, weight: weighted / own };
}
