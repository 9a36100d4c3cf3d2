import { describe, expect, it } from "vitest";
import { decode, idLike, instantOf, numberOf } from "./values.ts";

describe("values of messages", () => {
  it("decodes buffers and JSON text, and leaves other text alone", () => {
    expect(decode(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
    expect(decode(" home ")).toBe("home");
    expect(decode("{broken")).toBe("{broken");
    expect(decode(3)).toBe(3);
  });
  it("reads instants from ISO text, dates, seconds and milliseconds", () => {
    const iso = "2026-11-22T18:00:00.000Z";
    const ms = Date.parse(iso);
    for (const value of [iso, "2026-11-22T19:00:00+01:00", new Date(ms), ms, ms / 1000, String(ms)]) expect(instantOf(value)).toBe(iso);
    for (const value of [undefined, null, "soon", {}, Number.NaN]) expect(instantOf(value)).toBeUndefined();
  });
  it("writes names as ids", () => {
    expect(idLike("Jürgens Straße 3!")).toBe("jurgens-strasse-3");
    expect(idLike("not_home")).toBe("not-home");
  });
  it("reads numbers, also written as text, and nothing else", () => {
    expect([numberOf("1.5"), numberOf(2), numberOf(""), numberOf("2x"), numberOf(true)]).toEqual([1.5, 2, undefined, undefined, undefined]);
  });
});
