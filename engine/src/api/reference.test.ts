import { expect, it } from "vitest";
import { apiReference } from "./reference.ts";
import { routes } from "./routes/index.ts";

it("the reference holds one row per operation, with its scope", () => {
  const rows = apiReference(routes).trim().split("\n").slice(2);
  expect(rows.length).toBe(routes.length + 1);
  expect(rows.find((row) => row.includes("`apply`"))).toBe(
    "| `apply` | `POST /v1/apply` | `control`, whole home | Plans now and brings every router that is `live` to it |",
  );
  expect(rows.at(-1)).toContain("`WS /v1/stream`");
  for (const row of rows) expect(row.split("|").length).toBe(6);
});
