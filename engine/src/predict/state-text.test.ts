import { describe, expect, it } from "vitest";
import { DamagedState, readState, writeState } from "./state-text.ts";

describe("state as text", () => {
  it("brings older formats on, one version at a time", () => {
    const old = writeState("x", 1, { a: 1 });
    const migrations = { 1: (s: unknown) => ({ b: (s as { a: number }).a }), 2: (s: unknown) => ({ c: (s as { b: number }).b }) };
    expect(readState(old, "x", 3, migrations)).toEqual({ c: 1 });
    expect(() => readState(old, "x", 3, { 1: migrations[1] })).toThrow(/format 2 is no longer known/);
  });
  it("says what is wrong with what it cannot read", () => {
    const text = writeState("x", 2, { a: 1 });
    expect(() => readState(text, "y", 2)).toThrow(/belongs to the predictor "x"/);
    expect(() => readState(text, "x", 1)).toThrow(/newer release/);
    expect(() => readState(text.slice(0, 30), "x", 2)).toThrow(/cut short/);
    expect(() => readState(text.replace('\\"a\\":1', '\\"a\\":2'), "x", 2)).toThrow(/checksum/);
    expect(() => readState("7", "x", 2)).toThrow(DamagedState);
  });
});
