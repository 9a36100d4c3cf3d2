export { labelsFrom } from "./labels.ts";
export { outcomeOf } from "./lessons.ts";
