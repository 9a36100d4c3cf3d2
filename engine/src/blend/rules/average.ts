import { type Rule, wanted } from "./rule.ts";

/** The literal weighted mean. */
export const average: Rule<number> = (input) => {
  const { acting, base } = input;
  if (acting.length === 0) return { value: base, from: [] };
  if (acting.length === 1) return { value: wanted(input, acting[0]!), from: acting };
  return { value: acting.reduce((sum, share) => sum + share.p * wanted(input, share), 0), from: acting };
};
