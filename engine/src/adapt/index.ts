export { judged, measure, surenessOf } from "./calibration.ts";
export { isCorrected } from "./corrected.ts";
export { labelsFrom } from "./labels.ts";
export { outcomeOf } from "./lessons.ts";
export { type LineMemory, learnLine, statedLine } from "./line-rate.ts";
export { believeFor, describeActivity, type Looking, type Quiet, quietSince, type Said, signalsFrom, worthSaying } from "./recognised.ts";
export { againstReality, correctionOf, type Foreseen } from "./today.ts";
