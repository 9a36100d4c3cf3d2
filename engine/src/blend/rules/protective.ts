import { dispelled, suspicion } from "../thresholds.ts";
import { type Rule, wanted } from "./rule.ts";

/**
 * The strictest of the suspected personas, below the confidence floor too: protection follows suspicion. What is in force is
 * only loosened when the suspicion is gone.
 */
export const protective: Rule<string | boolean> = (input) => {
  const order = input.field.strictness ?? [];
  const inForce = input.previous === undefined ? -1 : order.indexOf(input.previous);
  const suspected = input.suspects.filter(
    (share) => share.p >= suspicion || (share.p >= dispelled && order.indexOf(wanted(input, share)) <= inForce),
  );
  const strictest = suspected.reduce((most, share) => Math.max(most, order.indexOf(wanted(input, share))), order.indexOf(input.base));
  const value = order[strictest]!;
  if (value === input.base) return { value, from: [] };
  return { value, from: suspected.filter((share) => wanted(input, share) === value) };
};
