import { expect, it } from "vitest";
import { whenRead } from "./index.ts";

it("makes a property once, when it is read, and is an ordinary one then", () => {
  let made = 0;
  const object = whenRead({ a: 1 }, "b", () => ++made);
  expect(made).toBe(0);
  expect(JSON.stringify(object)).toBe('{"a":1,"b":1}');
  expect([object.b, { ...object }, structuredClone(object)]).toEqual([1, { a: 1, b: 1 }, { a: 1, b: 1 }]);
  expect(made).toBe(1);
});
