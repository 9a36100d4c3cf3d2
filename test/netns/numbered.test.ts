import { expect, it } from "vitest";
import { reordering } from "./numbered.ts";

it("tells packets that came late, and how often that began", () => {
  expect(reordering([])).toEqual({ late: 0, bursts: 0 });
  expect(reordering([0, 1, 3, 4])).toEqual({ late: 0, bursts: 0 });
  // 2, 3 and 4 wait in a queue that 5 and those after it do not pass.
  expect(reordering([0, 1, 5, 2, 6, 3, 7, 8, 4, 9])).toEqual({ late: 3, bursts: 1 });
  expect(reordering([0, 1, 5, 2, 6, 7, 12, 8, 13])).toEqual({ late: 2, bursts: 2 });
});
