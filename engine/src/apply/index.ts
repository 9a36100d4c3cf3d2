export { Applier, type ApplierOptions, type ApplyOptions } from "./applier.ts";
export type { Journal, JournalEntry } from "./journal.ts";
export { protectionOf } from "./protection.ts";
export { type TrialSetting, tryWayBack } from "./way-back.ts";
