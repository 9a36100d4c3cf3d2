import { certain, suspicion } from "../thresholds.ts";
import { type Rule, type RuleInput, wanted } from "./rule.ts";

type Choice = readonly string[] | string | boolean | null;

/**
 * Only an override, or p >= 0.9 at the start of an activity, brings such a restriction. While an activity runs what was
 * in force stays in force, and goes when nothing that asked for it is plausible any more.
 */
export const interrupting: Rule<Choice> = (input) => {
  const top = input.shares[0];
  if (top && (input.overridden || (input.atStart && top.p >= certain))) {
    const value = wanted(input, top);
    return { value, from: same(value, input.base) ? [] : [top] };
  }
  const { base, previous } = input;
  if (previous === undefined || same(previous, base)) return { value: base, from: [] };
  if (!Array.isArray(previous)) {
    const supporters = input.shares.filter((share) => same(wanted(input, share), previous));
    return plausible(supporters) ? { value: previous, from: supporters } : { value: base, from: [] };
  }
  const asking = (item: string) => input.shares.filter((share) => (wanted(input, share) as readonly string[]).includes(item));
  const kept = previous.filter((item: string) => plausible(asking(item)));
  return { value: kept, from: input.shares.filter((share) => kept.some((item) => asking(item).includes(share))) };
};

const plausible = (shares: RuleInput["shares"]) => shares.reduce((sum, share) => sum + share.p, 0) >= suspicion;
const same = (a: Choice, b: Choice) => JSON.stringify(a) === JSON.stringify(b);
