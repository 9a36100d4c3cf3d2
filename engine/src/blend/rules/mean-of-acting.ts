import type { means } from "../../model/index.ts";
import { type RuleInput, type RuleResult, wanted } from "./rule.ts";

/** A mean of what the likely personas want, weighted by p. */
export function meanOfActing(input: RuleInput<number>, mean: (typeof means)[keyof typeof means]): RuleResult<number> {
  const { acting, base } = input;
  if (acting.length === 0) return { value: base, from: [] };
  if (acting.length === 1) return { value: wanted(input, acting[0]!), from: acting };
  return { value: mean(acting.map((share) => [share.p, wanted(input, share)])), from: acting };
}
