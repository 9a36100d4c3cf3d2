export type { ExpandRequest, Expansion } from "./contract.ts";
export { createExpander, type Expander } from "./expander-worker.ts";
export { limits as calendarLimits } from "./limits.ts";
export { conferenceProvider } from "./links.ts";
export { type EventFeatureInput, eventFeatures, eventKey, type Meanings } from "./meaning.ts";
export { ianaZone, toUtc, toWall, utc } from "./zone.ts";
