import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { drifted, writePages } from "../../scripts/docs/drift.ts";
import { type JsonSchema, schemaTable } from "../../scripts/docs/schema-table.ts";

it("generated files that are missing, edited or left over are found, and writing puts them right", () => {
  const root = mkdtempSync(join(tmpdir(), "np-docs-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const pages = [
    { path: "docs/reference/a.md", text: "a" },
    { path: "docs/reference/b.md", text: "b" },
  ];
  expect(drifted(pages, root)).toEqual(["docs/reference/a.md", "docs/reference/b.md"]);
  writePages(pages, root);
  expect(drifted(pages, root)).toEqual([]);
  writeFileSync(join(root, "docs/reference/a.md"), "edited");
  mkdirSync(join(root, "docs/schema"));
  writeFileSync(join(root, "docs/schema/old.json"), "{}");
  expect(drifted(pages, root)).toEqual(["docs/reference/a.md", "docs/schema/old.json"]);
  writePages(pages, root);
  expect(drifted(pages, root)).toEqual([]);
  expect(readFileSync(join(root, "docs/reference/a.md"), "utf8")).toBe("a");
});

it("a schema becomes a row per field: path, values, default, meaning", () => {
  const schema = z.strictObject({
    name: z.string(),
    share: z.number().gt(0).max(1).default(1).meta({ description: "Of the line; a | b." }),
    count: z.number().int().optional(),
    mode: z.enum(["preview", "live"]).default("preview"),
    rate: z.union([z.number().min(0), z.string()]),
    routers: z.array(z.strictObject({ id: z.string() })).default([]),
    limits: z.partialRecord(z.enum(["bulk"]), z.strictObject({ up: z.boolean() })).default({}),
    api: z.strictObject({ port: z.number().min(0).max(65535).default(8787) }).prefault({}),
  });
  expect(
    schemaTable(z.toJSONSchema(schema, { io: "input" }) as JsonSchema)
      .split("\n")
      .slice(2),
  ).toEqual([
    "| `name` | string | required |  |",
    "| `share` | number above 0 up to 1 | `1` | Of the line; a \\| b. |",
    "| `count` | integer |  |  |",
    '| `mode` | `preview`, `live` | `"preview"` |  |',
    "| `rate` | number from 0 or string | required |  |",
    "| `routers` | list of objects |  |  |",
    "| `routers[].id` | string | required |  |",
    "| `limits` | mapping by `bulk` |  |  |",
    "| `limits.<key>.up` | boolean | required |  |",
    "| `api.port` | number from 0 up to 65535 | `8787` |  |",
  ]);
});
