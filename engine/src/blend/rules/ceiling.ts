import { confident } from "../thresholds.ts";
import { type Rule, wanted } from "./rule.ts";

/** 1 - sum p (1 - ceiling) over confident personas: a limit hurts even when it is wrong, so it has to be deserved. */
export const ceiling: Rule<number> = (input) => {
  const from = input.acting.filter((share) => share.p >= confident && wanted(input, share) < 1);
  if (from.length === 1 && from[0]!.p === 1) return { value: wanted(input, from[0]!), from };
  return { value: 1 - from.reduce((sum, share) => sum + share.p * (1 - wanted(input, share)), 0), from };
};
