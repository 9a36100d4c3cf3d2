import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BadMessage } from "./bad-message.ts";
import { directory } from "./fixtures/directory.ts";
import { mostLikely, parseDistribution } from "./parse-distribution.ts";

const read = (payload: unknown) => parseDistribution(payload, directory);
const total = (distribution: Record<string, number>) => Object.values(distribution).reduce((a, b) => a + b, 0);

describe("distributions", () => {
  it("reads what persona predict sends, and what people write", () => {
    const expected = { "remote-worker": 0.75, everyday: 0.25 };
    expect(read({ "remote-worker": 0.75, everyday: 0.25 })).toEqual(expected);
    expect(read({ subject: "alice", distribution: { "remote-worker": 0.75 } })).toEqual(expected);
    expect(read('{"Remote worker": "75 %"}')).toEqual(expected);
    expect(read([{ persona: "remote-worker", probability: 0.75 }])).toEqual(expected);
    expect(read({ "remote-worker": 75, everyday: 25 })).toEqual(expected);
  });
  it("takes a persona by id or name as certain", () => {
    expect(read("Remote worker")).toEqual({ "remote-worker": 1 });
  });
  it("gives what is missing to everyday and scales what is too much", () => {
    expect(read({ gamer: 0.25 })).toEqual({ gamer: 0.25, everyday: 0.75 });
    expect(read({ gamer: 3, "remote-worker": 1 })).toEqual({ gamer: 0.75, "remote-worker": 0.25 });
  });
  it("adds up the same persona under two names", () => {
    expect(read({ gamer: 0.25, Gamer: 0.5 })).toEqual({ gamer: 0.75, everyday: 0.25 });
  });
  it.each([null, undefined, "", 5, [], {}, [0.5]])("refuses %j", (payload) => {
    expect(() => read(payload)).toThrow(BadMessage);
  });
  it.each([-1, "much", null, {}, Number.NaN])("refuses %j as a probability and names the persona", (probability) => {
    expect(() => read({ gamer: probability })).toThrow(
      expect.objectContaining({ key: "probability", values: expect.objectContaining({ persona: "gamer" }) }),
    );
  });
  it("always sums to 1", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("gamer", "remote-worker", "everyday", "odd"), fc.double({ min: 0, max: 100, noNaN: true }), {
          minKeys: 1,
        }),
        (weights) => {
          expect(total(read(weights))).toBeCloseTo(1, 9);
        },
      ),
      { seed: 7 },
    );
  });
  it("names the likeliest persona", () => {
    expect(mostLikely({ everyday: 0.2, gamer: 0.8 })).toEqual({ persona: "gamer", probability: 0.8 });
    expect(mostLikely({ gamer: 0.5, everyday: 0.5 })).toEqual({ persona: "everyday", probability: 0.5 });
    expect(mostLikely({})).toEqual({ persona: "everyday", probability: 0 });
  });
});
