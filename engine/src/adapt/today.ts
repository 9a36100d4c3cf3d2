import { everyday } from "@network-personas/personas";
import {
  between,
  type ComparedStretch,
  type Correction,
  type Distribution,
  earliest,
  type Instant,
  inEnglish,
  type Label,
  later,
  mostProbable,
  type SubjectBelief,
  type SubjectDay,
  sentence,
} from "../model/index.ts";
import { outcomeOf } from "./lessons.ts";

/** What was predicted for the time from `at` on, `horizon` ms long. */
export interface Foreseen {
  subject: string;
  at: Instant;
  horizon: number;
  distribution: Distribution;
}

/** Predictions are made at the first look at the time after a quarter of an hour began, so they follow each other about so closely, ms. */
const together = 2 * 60_000;

/** One subject's predictions, oldest first, against what really happened. Each holds until the next one, or until its time is over. */
export function againstReality(subject: string, predictions: readonly Foreseen[], labels: readonly Label[]): SubjectDay {
  const stretches: ComparedStretch[] = [];
  let [known, right] = [0, 0];
  for (const [i, prediction] of predictions.entries()) {
    const outcome = outcomeOf(prediction, labels);
    if (!outcome) continue;
    const { at: from, distribution } = prediction;
    const to = earliest(later(from, prediction.horizon), predictions[i + 1]?.at ?? "9999");
    const [expected, really, time] = [mostProbable(distribution), outcome.persona, between(from, to)];
    known += time;
    if (expected === really) right += time;
    const probability = distribution[really] ?? 0;
    const last = stretches.at(-1);
    if (last && between(last.to, from) <= together && last.expected === expected && last.really === really) {
      const before = between(last.from, last.to);
      last.probability = (last.probability * before + probability * time) / (before + time);
      last.to = to;
    } else if (time > 0) stretches.push({ from, to, expected, really, probability });
  }
  return { subject, known: known / 60_000, right: known === 0 ? null : right / known, stretches };
}

/** What is in force for one subject, as far as it matters here. */
export interface InForce {
  active: string;
  decidedBy: string;
  profile: { distribution: Distribution };
}

/** Whether what is in force for a subject followed what they really do, which was not expected; undefined when not. */
export function correctionOf(
  before: InForce | undefined,
  now: InForce,
  { subject, activity, evidence }: Pick<SubjectBelief, "subject" | "activity" | "evidence">,
  at: Instant,
): Correction | undefined {
  if (!before || !activity || activity.persona !== now.active || before.active === now.active) return undefined;
  // What a person or another application said is done with is no prediction.
  if (before.decidedBy !== "prediction" || now.decidedBy !== "prediction") return undefined;
  // Evidence is held per sender, the part of a source before its first slash.
  const sender = activity.source.split("/")[0];
  const seen = evidence.find((e) => e.source === sender && e.why !== "" && (e.logOdds[activity.persona] ?? 0) > 0);
  const isQuiet = activity.persona === everyday && activity.source.endsWith("/traffic");
  const untold = isQuiet ? sentence("seenNothing") : sentence("toldBy", { source: sender ?? "" });
  return {
    subject,
    at,
    since: activity.at,
    expected: before.active,
    really: now.active,
    probability: before.profile.distribution[now.active] ?? 0,
    source: activity.source,
    ...(seen ? { why: seen.why, ...(seen.said ? { said: seen.said } : {}) } : { why: inEnglish(untold), said: untold }),
  };
}
