export { type AdmitContext, admit } from "./admit.ts";
export { believe } from "./believe.ts";
export { continued, stillNeeded } from "./continue.ts";
export { lifetimes } from "./expiry.ts";
export { withinLeadTime } from "./lead-time.ts";
