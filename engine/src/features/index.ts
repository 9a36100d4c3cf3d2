export { extractFeatures, type FeatureInput } from "./extract.ts";
export { type LocalTime, localTime, offsetAt } from "./local-time.ts";
export { recentActivity } from "./recent.ts";
