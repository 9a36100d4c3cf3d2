import { expect, it } from "vitest";
import { meaningOf, PersonasError, say, sentences } from "./index.ts";

it("says in any language what the code of an error means, with what its class tells", () => {
  const missing = Object.assign(new PersonasError("permission-missing", "main: lacks qos", { responsible: "owner" }), { right: "qos" });
  expect(say(meaningOf(missing)!, { language: "de" })).toBe("dem Konto am Router fehlt ein Recht: qos");
  const resting = Object.assign(new PersonasError("resting", "x"), { until: "2026-11-28T20:00:00.000Z" });
  expect(say(meaningOf(resting)!, { language: "de", moment: () => "21 Uhr" })).toContain("bis 21 Uhr nichts geändert");
});

it("leaves a code that is not known, and what is no error of ours, to its message", () => {
  expect(meaningOf(new PersonasError("from-another-package", "x"))).toBeUndefined();
  expect(meaningOf(new PersonasError("__proto__", "x"))).toBeUndefined();
  expect(meaningOf(new TypeError("x"))).toBeUndefined();
  expect(meaningOf({ code: "busy" })).toBeUndefined();
});

it("has a meaning for every code whose error reaches a page", () => {
  const driver = [
    "unreachable",
    "auth-failed",
    "locked-out",
    "permission-missing",
    "unsupported",
    "rejected",
    "read-back-mismatch",
    "unsafe-plan",
  ];
  for (const code of [...driver, "resting", "closing", "no-previous-plan", "secret-missing"])
    expect(sentences.de).toHaveProperty(`error-${code}`);
});
