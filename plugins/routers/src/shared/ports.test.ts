import { expect, it } from "vitest";
import { merged, without } from "./ports.ts";

it("merged ranges have no overlaps and lose no port", () => {
  expect(merged(["3478-3481", "443", "3480-3490", "444", "80"])).toEqual(["80", "443-444", "3478-3490"]);
  expect(merged([])).toEqual([]);
});
it("ranges without others are what is left of them", () => {
  expect(without(["10-20", "30", "40-50"], ["15-16", "30", "45-60"])).toEqual(["10-14", "17-20", "40-44"]);
  expect(without(["10-20"], ["1-9", "21"])).toEqual(["10-20"]);
  expect(without(["10-20"], ["10", "20"])).toEqual(["11-19"]);
});
