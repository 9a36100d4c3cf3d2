import { profileFields } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { meanOf, means } from "./mean.ts";

describe("means", () => {
  const parts = [
    [0.5, 2],
    [0.25, 8],
    [0.25, 1],
  ] as const;
  it("geometric", () => expect(means.geometric(parts)).toBeCloseTo(2 ** 0.5 * 8 ** 0.25, 9));
  it("average", () => expect(means.average(parts)).toBeCloseTo(3.25, 9));
});

describe("the mean of a field", () => {
  it("is the one its schema declares", () => {
    for (const { path, rule } of profileFields) {
      if (rule === "geometric" || rule === "average") expect(meanOf(path)).toEqual({ rule, mean: means[rule] });
      else expect(() => meanOf(path)).toThrow(path);
    }
  });
});
