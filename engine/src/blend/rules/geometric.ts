import { means } from "../../model/index.ts";
import { meanOfActing } from "./mean-of-acting.ts";
import type { Rule } from "./rule.ts";

/** The mean of logarithms weighted by p: for ratio scales, where twice and half are equally far. */
export const geometric: Rule<number> = (input) => meanOfActing(input, means.geometric);
