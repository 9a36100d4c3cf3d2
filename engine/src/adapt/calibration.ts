import { type Distribution, type Label, later, type Measured, mostProbable, type Sureness } from "../model/index.ts";
import { outcomeOf } from "./lessons.ts";
import type { Foreseen } from "./today.ts";

/** A prediction, and what then really happened. */
export interface Judged {
  distribution: Distribution;
  happened: string;
}

/** Fewer windows than a day has say nothing. */
const fewest = 96;
const bounds = [0, 0.5, 0.7, 0.85, 0.95, 1] as const;
/** Below this a probability counts as this, so that one surprise does not decide everything. */
const floor = 0.001;

/** One subject's predictions, oldest first, of which it is known what then happened. */
export function judged(predictions: readonly Foreseen[], labels: readonly Label[]): Judged[] {
  const sorted = labels.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  let first = 0;
  return predictions.flatMap((prediction) => {
    const end = later(prediction.at, prediction.horizon);
    while (first < sorted.length && sorted[first]!.to <= prediction.at) first++;
    let last = first;
    while (last < sorted.length && sorted[last]!.from < end) last++;
    const happened = outcomeOf(prediction, sorted.slice(first, last))?.persona;
    return happened === undefined ? [] : [{ distribution: prediction.distribution, happened }];
  });
}

/** How sure first guesses were, and how often they were right. */
export function surenessOf(all: readonly Judged[]): Sureness[] {
  const guesses = all.map(({ distribution, happened }) => {
    const best = mostProbable(distribution);
    return { said: distribution[best]!, right: Number(best === happened) };
  });
  return bounds.slice(1).flatMap((to, i) => {
    const from = bounds[i]!;
    const inside = guesses.filter(({ said }) => said > from && said <= to);
    if (inside.length === 0) return [];
    return [{ from, to, windows: inside.length, said: mean(inside, (g) => g.said), right: mean(inside, (g) => g.right) }];
  });
}

/** null where too little is known to say anything. */
export function measure(all: readonly Judged[]): Measured | null {
  if (all.length < fewest) return null;
  const counts = [...Map.groupBy(all, ({ happened }) => happened)].map(([, same]) => same.length / all.length);
  return {
    right: mean(all, ({ distribution, happened }) => Number(mostProbable(distribution) === happened)),
    ours: Math.exp(mean(all, ({ distribution, happened }) => Math.log(Math.max(floor, distribution[happened] ?? 0)))),
    guess: Math.exp(counts.reduce((sum, share) => sum + share * Math.log(share), 0)),
    commonest: Math.max(...counts),
    sureness: surenessOf(all),
  };
}

const mean = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((sum, one) => sum + of(one), 0) / all.length;
