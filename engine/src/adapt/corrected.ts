import { everyday } from "@network-personas/personas";
import { between, type FeatureVector, type Instant, type SubjectBelief } from "../model/index.ts";
import { lastingAfter } from "./recognised.ts";

/**
 * Whether somebody has done something for long enough, and nothing else for `pause` ms: then whatever else was planned for was
 * only thought, and no pause in it. What really went on a while ago may go on again, so it is no correction that it ended.
 */
export function isCorrected(
  { activity }: Pick<SubjectBelief, "activity">,
  recent: FeatureVector["recent"],
  pause: number,
  at: Instant,
): boolean {
  if (!activity || activity.persona === everyday || between(activity.at, at) < lastingAfter) return false;
  return recent.every(({ persona, minutesAgo }) => persona === activity.persona || persona === everyday || minutesAgo * 60_000 >= pause);
}
