import type { BlendRule } from "@network-personas/personas";
import { average } from "./average.ts";
import { ceiling } from "./ceiling.ts";
import { demands } from "./demands.ts";
import { geometric } from "./geometric.ts";
import { interrupting } from "./interrupting.ts";
import { permission } from "./permission.ts";
import { protective } from "./protective.ts";
import type { Rule } from "./rule.ts";

/** Every rule a field of the profile schema can declare. The schema vouches that a field's values fit its rule. */
export const rules = { demands, geometric, average, ceiling, protective, permission, interrupting } as unknown as Record<
  BlendRule,
  Rule<unknown>
>;
