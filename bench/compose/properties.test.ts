import fc from "fast-check";
import { describe, it } from "vitest";
import { dice, scenes } from "./households.ts";
import { properties } from "./properties.ts";

/** A fixed part of what `npm run bench:compose` covers in full. */
const runs = 60;
/** Households in which it matters are rare. */
const moreRuns: Readonly<Record<string, number>> = { "an admitted realtime need is never shrunk for a newcomer": 250 };

describe("for every household", () => {
  for (const [name, holds] of Object.entries(properties)) {
    it(name, () => {
      fc.assert(fc.property(scenes, dice, holds), { seed: 20261122, numRuns: moreRuns[name] ?? runs });
    });
  }
});
