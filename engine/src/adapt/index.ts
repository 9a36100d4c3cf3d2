export { labelsFrom } from "./labels.ts";
export { outcomeOf } from "./lessons.ts";
export { describeActivity, type Said, signalsFrom, worthSaying } from "./recognised.ts";
