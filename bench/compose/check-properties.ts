import fc from "fast-check";
import { dice, scenes } from "./households.ts";
import { properties } from "./properties.ts";

export interface Checked {
  households: number;
  properties: readonly string[];
  /** The first property that did not hold, with the smallest household found for which it does not. */
  failure?: string;
}

/** Checks every property on every one of so many random households. */
export function checkProperties(households: number, seed: number, progress: (done: number) => void): Checked {
  let done = 0;
  const details = fc.check(
    fc.property(scenes, dice, (scene, random) => {
      for (const [name, holds] of Object.entries(properties)) {
        try {
          holds(scene, random);
        } catch (error) {
          throw new Error(`not for every household: ${name}\n${error instanceof Error ? error.message : error}`);
        }
      }
      progress(++done);
    }),
    { numRuns: households, seed },
  );
  const failure = details.failed
    ? `${details.errorInstance instanceof Error ? details.errorInstance.message : ""}\n${fc.defaultReportMessage(details)}`
    : undefined;
  return { households: details.numRuns, properties: Object.keys(properties), ...(failure === undefined ? {} : { failure }) };
}
