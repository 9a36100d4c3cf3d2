import { expect, it } from "vitest";
import { together } from "./sentences-together.ts";

it("has the keys of all parts and no others", () => {
  const table = together({ a: "1" }, { b: "2", c: "3" });
  expect({ ...table }).toEqual({ a: "1", b: "2", c: "3" });
  expect("constructor" in table).toBe(false);
});
