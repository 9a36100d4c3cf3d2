import fc from "fast-check";
import { expect, it } from "vitest";
import { distinct, homeKitName } from "./names.ts";

/** The rule of HAP-NodeJS 2.2 (util/checkName). */
const legal = /^[\p{L}\p{N}][\p{L}\p{N}\p{Zs}\u2019'&!._:;()/,-]*[\p{L}\p{N}]$/u;

it.each([
  ["Alice Gamer", "Alice Gamer"],
  ["IoT 🤖 (quiet)", "IoT quiet"],
  ["Calls (video) at work", "Calls (video) at work"],
  ["  Jürgen’s  Büro! ", "Jürgen’s Büro"],
  ["e\u0301te\u0301", "été"],
  ["🎮", "gamer"],
  ["X", "Persona X"],
  ["a".repeat(80), "a".repeat(64)],
])("%j becomes %j", (text, name) => {
  expect(homeKitName(text, "gamer")).toBe(name);
});

it("always gives a name that HomeKit accepts, and leaves those alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 90 }), fc.string({ maxLength: 5 }), (text, fallback) => {
      const name = homeKitName(text, fallback);
      expect(name).toMatch(legal);
      expect(name.length).toBeLessThanOrEqual(64);
      expect(homeKitName(name, "")).toBe(name);
    }),
    { seed: 1, numRuns: 500 },
  );
});

it("tells equal names apart", () => {
  const long = "b".repeat(64);
  expect(distinct(["Sam Gamer", "sam gamer", "Sam Gamer", long, long])).toEqual([
    "Sam Gamer",
    "sam gamer 2",
    "Sam Gamer 3",
    long,
    `${"b".repeat(60)} 2`,
  ]);
});
