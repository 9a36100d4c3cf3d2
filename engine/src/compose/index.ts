export { checkConstraints } from "./check.ts";
export { compose } from "./compose.ts";
export type { ComposeInput, ComposeResult } from "./contract.ts";
