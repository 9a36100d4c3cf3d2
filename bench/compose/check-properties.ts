import fc from "fast-check";
import { dice, scenes } from "./households.ts";
import { properties } from "./properties.ts";

export interface Checked {
  property: string;
  households: number;
  failure?: string;
}

/** Checks every property on random households; each property sees other households. */
export function checkProperties(households: number, seed: number, tell: (line: string) => void): Checked[] {
  return Object.entries(properties).map(([property, holds], i) => {
    const details = fc.check(
      fc.property(scenes, dice, holds),
      { numRuns: households, seed: seed + i },
    );
    const failure = details.failed ? fc.defaultReportMessage(details) : undefined;
    tell(`${details.failed ? "FAILED" : "ok"}  ${property} (${details.numRuns} households)${failure ? `\n${failure}` : ""}`);
    return { property, households: details.numRuns, ...(failure === undefined ? {} : { failure }) };
  });
}
