import { suspicion } from "../thresholds.ts";
import { type Rule, wanted } from "./rule.ts";

/** The strictest of the suspected personas, below the confidence floor too: protection follows suspicion. */
export const protective: Rule<string | boolean> = (input) => {
  const order = input.field.strictness ?? [];
  const strictest = input.shares
    .filter((share) => share.p >= suspicion)
    .reduce((most, share) => Math.max(most, order.indexOf(wanted(input, share))), order.indexOf(input.base));
  const value = order[strictest]!;
  if (value === input.base) return { value, from: [] };
  return { value, from: input.shares.filter((share) => share.p >= suspicion && wanted(input, share) === value) };
};
