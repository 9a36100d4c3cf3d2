export { NewerDatabase } from "./migrations.ts";
export { outcomeWithout } from "./outcome-without.ts";
export type { Memory, PendingPrediction, SavedState, Store } from "./port.ts";
export { SqliteStore } from "./sqlite-store.ts";
