import { type Rule, wanted } from "./rule.ts";

/** The mean of logarithms weighted by p: for ratio scales, where twice and half are equally far. */
export const geometric: Rule<number> = (input) => {
  const { acting, base } = input;
  if (acting.length === 0) return { value: base, from: [] };
  if (acting.length === 1) return { value: wanted(input, acting[0]!), from: acting };
  return { value: Math.exp(acting.reduce((sum, share) => sum + share.p * Math.log(wanted(input, share)), 0)), from: acting };
};
