import type { ApplyOutcome } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { verdictOf } from "./outcome.ts";

const outcome = (router: string, result: ApplyOutcome["result"], more: Partial<ApplyOutcome> = {}): ApplyOutcome => ({
  router,
  at: "2026-11-22T18:00:00.000Z",
  result,
  changes: [],
  omissions: [],
  took: 5,
  ...more,
});
const change = { action: "set" as const, target: "x", before: null, after: "1", summary: "weight of alice-laptop becomes 2" };

describe("what came of a proposal", () => {
  it("lets the worst router decide", () => {
    expect(verdictOf([outcome("a", "unchanged"), outcome("b", "confirmed", { changes: [change] })])).toMatchObject({
      result: "confirmed",
      ok: true,
      changes: 1,
      summary: [change.summary],
    });
    expect(verdictOf([outcome("a", "confirmed"), outcome("b", "rolled-back")])).toMatchObject({ result: "rolled-back", ok: false });
    expect(
      verdictOf([outcome("a", "rolled-back"), outcome("b", "failed", { error: { code: "unreachable", message: "no answer" } })]),
    ).toMatchObject({
      result: "failed",
      errors: [{ router: "b", code: "unreachable", message: "no answer" }],
    });
  });
  it("never calls a preview applied", () => {
    expect(verdictOf([outcome("a", "previewed", { changes: [change] }), outcome("b", "unchanged")])).toMatchObject({
      result: "previewed",
      changes: 1,
    });
  });
  it("is unchanged when nothing had to be done", () => {
    expect(verdictOf([])).toMatchObject({ result: "unchanged", ok: true });
  });
  it("is held when nothing may be done now, and not when a router was told all the same", () => {
    expect(verdictOf([], true)).toMatchObject({ result: "held", ok: true });
    expect(verdictOf([outcome("a", "unchanged")], true)).toMatchObject({ result: "unchanged" });
  });
});
