import type { TestClock } from "@network-personas/engine/testing";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRemote } from "../../engine/src/client/index.ts";
import type { EngineService } from "../../engine/src/runtime/port.ts";
import { type Harness, openStream, serveEngine } from "./harness.ts";

/** An engine for the home of `homeText`, on a clock that the test holds. */
export type MakeEngine = () => Promise<{ service: EngineService; clock: TestClock; dispose?(): Promise<void> }>;

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Validates values against the schemas of an OpenAPI document, as any third party's tool would. */
export function schemaChecker(document: object) {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, uri: true, binary: true },
  });
  ajv.addSchema(document, "openapi");
  const compiled = new Map<string, ValidateFunction>();
  /** `pointer`: of the schema, e.g. "/components/schemas/Error". Returns what is wrong. */
  return (pointer: string, value: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    compiled.set(pointer, validate);
    return validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
  };
}
export const pointer = (...parts: string[]) =>
  parts.map((part) => `/${encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");

/** What any engine behind the API must do. */
export function apiSuite(name: string, make: MakeEngine): void {
  describe(`API over ${name}`, () => {
    let harness: Harness<EngineService>;
    let admin: string;
    let document: Document;
    let check: ReturnType<typeof schemaChecker>;
    let dispose: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      const made = await make();
      dispose = made.dispose;
      harness = await serveEngine(made.service, made.clock);
      admin = await harness.token(["admin"]);
      document = (await harness.ask("GET", "/openapi.json")).body as Document;
      check = schemaChecker(document);
    });
    afterAll(async () => {
      await harness.close();
      await dispose?.();
    });
    const responseAt = (path: string, method: string) =>
      pointer("paths", path, method, "responses", "200", "content", "application/json", "schema");

    it("answers every GET as its document says", async () => {
      const gets = Object.entries(document.paths).filter(([path, item]) => item.get && path !== "/v1/stream");
      expect(gets.length).toBeGreaterThanOrEqual(18);
      for (const [path] of gets) {
        const { status, body } = await harness.ask("GET", path.replace("{id}", "gamer"), { token: admin });
        expect(status, path).toBe(200);
        expect(check(responseAt(path, "get"), body), path).toEqual([]);
      }
    });

    it("takes the example of every POST and answers as its document says", async () => {
      const posts = Object.entries(document.paths).filter(([path, item]) => item.post && !["/v1/tokens", "/v1/import"].includes(path));
      for (const [path, item] of posts) {
        const example = item.post?.requestBody?.content["application/json"]?.example;
        const { status, body } = await harness.ask("POST", path, { token: admin, ...(example === undefined ? {} : { body: example }) });
        expect(status, `${path} ${JSON.stringify(body)}`).toBe(200);
        expect(check(responseAt(path, "post"), body), path).toEqual([]);
      }
    });

    it("streams messages as its document says", async () => {
      const stream = openStream(harness.server.url, { token: admin });
      await stream.next(1);
      await harness.ask("POST", "/v1/signals", {
        token: admin,
        body: { kind: "presence", subject: "bob-console", present: true, source: "test" },
      });
      await stream.next(2);
      for (const message of stream.messages) expect(check("/components/schemas/StreamMessage", message), message.type).toEqual([]);
      stream.close();
    });

    it("keeps a home that was edited as JSON from what GET gave, comments included", async () => {
      const before = (await harness.ask("GET", "/v1/home", { token: admin })).body as {
        document: { home: { name: string } };
        etag: string;
      };
      const edited = { ...before.document, home: { ...before.document.home, name: "Renamed" } };
      const put = await harness.ask("PUT", "/v1/home", { token: admin, body: edited, headers: { "if-match": `"${before.etag}"` } });
      expect(put.status, JSON.stringify(put.body)).toBe(200);
      expect(((await harness.ask("GET", "/v1/state", { token: admin })).body as { home: { name: string } }).home.name).toBe("Renamed");
      expect((await harness.ask("PUT", "/v1/home", { token: admin, body: edited, headers: { "if-match": before.etag } })).status).toBe(409);
    });

    it("takes back a persona exactly as GET gave it", async () => {
      const gamer = (await harness.ask("GET", "/v1/personas/gamer", { token: admin })).body as { persona: object; document: object };
      const client = connectRemote({ url: harness.server.url, token: admin });
      const put = (await client.request("PUT", "/v1/personas/gamer", gamer.document)) as { persona: object; origin: string };
      expect(put.persona).toEqual(gamer.persona);
      expect(put.origin).not.toBe("built-in");
      await client.request("DELETE", "/v1/personas/gamer");
      expect(((await client.request("GET", "/v1/personas/gamer")) as { origin: string }).origin).toBe("built-in");
      await client.close();
    });
  });
}
