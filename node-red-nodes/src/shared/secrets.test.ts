import { expect, it } from "vitest";
import { secretsOf } from "./secrets.ts";

it("finds secrets by the name of their slot, and nothing in slots without a name or a value", () => {
  const secrets = secretsOf(["", " router ", "calendar", ""], { secret1: "stale", secret2: "hunter2", secret4: "nameless", token: "t" });
  expect([...secrets]).toEqual([["router", "hunter2"]]);
});
