export { blend } from "./blend.ts";
export type { BlendInput } from "./contract.ts";
