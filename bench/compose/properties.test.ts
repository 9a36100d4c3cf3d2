import fc from "fast-check";
import { describe, it } from "vitest";
import { scenes } from "./households.ts";
import { properties } from "./properties.ts";

/** A fixed part of what `npm run bench:compose` covers in full. */
const runs = 150;

describe("for every household", () => {
  for (const [name, holds] of Object.entries(properties)) {
    it(name, () => {
      const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
      fc.assert(
        fc.property(scenes, dice, (scene, rolls) => {
          holds(scene, { roll: () => rolls.next().value });
        }),
        { seed: 20261122, numRuns: runs },
      );
    });
  }
});
