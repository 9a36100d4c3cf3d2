import { describe, expect, it } from "vitest";
import { householdFiles, planOf, readHousehold, summary } from "./households.ts";

describe("the golden households", () => {
  it("are ten", () => expect(householdFiles).toHaveLength(10));
  for (const file of householdFiles) {
    const given = readHousehold(file);
    it(`${file}: ${given.why}`, () => expect(summary(planOf(given))).toEqual(given.expect));
  }
});
