import { means } from "../../model/index.ts";
import { meanOfActing } from "./mean-of-acting.ts";
import type { Rule } from "./rule.ts";

/** The literal weighted mean. */
export const average: Rule<number> = (input) => meanOfActing(input, means.average);
