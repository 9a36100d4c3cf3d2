import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, createApi, hostPrincipal, routes, Tokens } from "../../engine/src/api/index.ts";
import { keptLog } from "./harness.ts";
import { memoryTokenRecords } from "./memory-token-records.ts";
import { realEngine } from "./real-engine.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every path to a part of a value, the whole included. */
function paths(value: Json, at: string[] = []): string[][] {
  const parts = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [at, ...parts.flatMap(([key, part]) => paths(part, [...at, key]))];
}
function replaced(value: Json, path: readonly string[], part: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Json>;
  copy[key] = replaced(copy[key]!, rest, part);
  return copy as Json;
}
const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "alice\u0000",
    "9".repeat(400),
    -0,
    1e308,
    Number.MAX_SAFE_INTEGER,
    8.64e15 + 1,
    "+275760-09-13T00:00:00.001Z",
  ),
);

describe("input that nobody thought of", () => {
  let api: Api;
  let dispose: (() => Promise<void>) | undefined;
  const log = keptLog();
  beforeAll(async () => {
    const made = await realEngine();
    dispose = made.dispose;
    api = createApi({ service: made.service, clock: made.clock, log, tokens: new Tokens(memoryTokenRecords(), made.clock) });
  });
  afterAll(() => dispose?.());
  const send = (method: string, path: string, body: Json) =>
    api.fetch(
      new Request(`http://embedded.invalid${path}`, {
        method,
        headers: { "content-type": "application/json", "if-match": "*" },
        body: JSON.stringify(body),
      }),
      hostPrincipal("test"),
    );

  it.each(routes.filter((r) => r.body).map((r) => [`${r.method} ${r.path}`, r] as const))(
    "%s takes it or refuses it, and never breaks",
    async (_name, route) => {
      const example = (route.example?.body ?? { version: 1, home: { timeZone: "UTC" }, wan: { down: 1000, up: 1000 } }) as Json;
      const places = paths(example);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), nasty, async (place, part) => {
          const response = await send(route.method, route.path.replace(/\{\w+\}/, "musician"), replaced(example, place, part));
          const answer = (await response.json()) as { error?: { code: string; message: string } };
          expect(response.status, `${log.lines.at(-1)}`).toBeLessThan(500);
          expect(response.status >= 400).toBe(answer.error !== undefined && !Array.isArray(answer));
        }),
        { numRuns: 25, seed: 20_261_122 },
      );
    },
  );

  it.each(routes.filter((r) => r.params).map((r) => [`${r.method} ${r.path}`, r] as const))(
    "%s takes any id or refuses it",
    async (_name, route) => {
      await fc.assert(
        fc.asyncProperty(fc.string({ maxLength: 60, unit: "binary" }), async (id) => {
          const path = route.path.replace(/\{\w+\}/, encodeURIComponent(id.toWellFormed()));
          const response = await api.fetch(
            new Request(`http://embedded.invalid${path}`, { method: route.method, headers: { "if-match": "*" } }),
            hostPrincipal("test"),
          );
          expect(response.status, `${path} ${log.lines.at(-1)}`).toBeLessThan(500);
        }),
        { numRuns: 25, seed: 20_261_122 },
      );
    },
  );
});
