export { checkConstraints } from "./check.ts";
export { compose } from "./compose.ts";
export type { ComposeInput, ComposeResult, Waiting } from "./contract.ts";
export { type Described, describeDevice, describeOmission, describePlan, describeReason, describeRefusal } from "./describe.ts";
export { dwellsToRelease } from "./stabilise.ts";
