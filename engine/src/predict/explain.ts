import type { Evidence, Prediction } from "../model/index.ts";

const signed = (value: number) => `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(1)}`;

/** One reason as people read it: "console came on: +2.0 gamer". */
export const sentenceOf = ({ why, logOdds, persona }: Evidence): string => `${why}: ${signed(logOdds)} ${persona}`;

/** The strongest reasons, as sentences. */
export function explain(prediction: Prediction, most = 5): string[] {
  return [...prediction.evidence]
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .slice(0, most)
    .map(sentenceOf);
}

/** What the listed reasons of a `learned` prediction add up to: exactly the distribution shown. */
export function accountedFor(prediction: Prediction): Record<string, number> {
  const sums = new Map(Object.keys(prediction.distribution).map((persona) => [persona, 0]));
  for (const { persona, logOdds } of prediction.evidence) sums.set(persona, (sums.get(persona) ?? 0) + logOdds);
  const largest = Math.max(...sums.values());
  const odds = [...sums].map(([persona, sum]) => [persona, Math.exp(sum - largest)] as const);
  const total = odds.reduce((sum, [, odd]) => sum + odd, 0);
  return Object.fromEntries(odds.map(([persona, odd]) => [persona, odd / total]));
}
