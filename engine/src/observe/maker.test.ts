import { expect, it } from "vitest";
import { makerOf } from "./maker.ts";
import { prefixesByMaker } from "./makers-table.ts";

it("names makers people know, and nobody for an invented address", () => {
  expect(makerOf("00:1b:63:84:45:e6")).toBe("Apple");
  expect(makerOf("B8:27:EB:00:00:01")).toBe("Raspberry Pi");
  expect(makerOf("00:00:00:00:00:01")).toBeUndefined();
  expect(makerOf("02:1b:63:84:45:e6")).toBeUndefined();
});

it("has whole prefixes only, each of one maker", () => {
  const all = Object.values(prefixesByMaker).flatMap((text) => {
    expect(text).toMatch(/^([0-9a-f]{6})+$/);
    return text.match(/.{6}/g)!;
  });
  expect(new Set(all).size).toBe(all.length);
});
