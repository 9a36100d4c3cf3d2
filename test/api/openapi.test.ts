import { gunzipSync } from "node:zlib";
import { TestClock } from "@network-personas/engine/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, createApi, routes } from "../../engine/src/api/index.ts";
import { fakeService } from "./fake-service.ts";
import { keptLog, startTime } from "./harness.ts";
import { pointer, schemaChecker } from "./suite.ts";

type Json = { [key: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

function* walk(value: unknown, path = ""): Generator<[string, Json]> {
  if (!isObject(value)) return;
  yield [path, value];
  for (const [key, part] of Object.entries(value)) yield* walk(part, `${path}/${key}`);
}
const resolve = (document: Json, reference: string): unknown =>
  reference
    .slice(2)
    .split("/")
    .reduce<unknown>((at, part) => (isObject(at) ? at[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined), document);

describe("the OpenAPI document", () => {
  let api: Api;
  let document: Json;
  let operations: { path: string; method: string; operation: Json }[];
  beforeAll(async () => {
    const clock = new TestClock(startTime);
    api = createApi({ service: await fakeService({ clock }), clock, log: keptLog() });
    document = JSON.parse(JSON.stringify(api.document())) as Json;
    operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
  });

  it("is large, and sent small to who takes that; small answers are not worth it", async () => {
    const ask = (path: string) => api.fetch(new Request(`http://home.invalid${path}`, { headers: { "accept-encoding": "gzip" } }));
    const zipped = await ask("/openapi.json");
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    const bytes = await zipped.bytes();
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(document);
    expect(bytes.length).toBeLessThan(JSON.stringify(document).length / 4);
    for (const path of ["/v1/health", "/v1/nothing"]) expect((await ask(path)).headers.has("content-encoding")).toBe(false);
  });

  it("says what it is", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: "Network Personas", version: "1" });
    expect((document.components as Json).securitySchemes).toMatchObject({ bearer: { type: "http", scheme: "bearer" } });
  });

  it("holds every route and the stream, each with a unique operationId", () => {
    const ids = operations.map((o) => o.operation.operationId as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual([...routes.map((r) => r.operationId), "stream"].sort());
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it("declares every path parameter, and no other", () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters as Json[]).filter((p) => p.in === "path");
      expect(declared.map((p) => p.name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]));
      for (const parameter of operation.parameters as Json[]) {
        expect(isObject(parameter.schema), `${path} ${parameter.name}`).toBe(true);
        expect(parameter.required === true || parameter.in === "query").toBe(true);
      }
    }
    const history = operations.find((o) => o.operation.operationId === "getHistory")!.operation.parameters as Json[];
    expect(history.find((p) => p.name === "limit")).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1 },
    });
  });

  it("gives every answer a description and, where it has a body, a schema", () => {
    for (const { path, method, operation } of operations) {
      const responses = operation.responses as Record<string, Json>;
      expect(Object.keys(responses).length, path).toBeGreaterThan(1);
      for (const [status, response] of Object.entries(responses)) {
        const whole = response.$ref ? (resolve(document, response.$ref as string) as Json) : response;
        expect(whole.description, `${method} ${path} ${status}`).toBeTypeOf("string");
        if (status === "204") expect(whole.content).toBeUndefined();
        else expect(isObject((whole.content as Record<string, Json>)["application/json"]!.schema), `${path} ${status}`).toBe(true);
      }
    }
  });

  it("has no reference that leads nowhere and no part that nobody refers to", () => {
    const references = [...walk(document)].flatMap(([, value]) => (typeof value.$ref === "string" ? [value.$ref] : []));
    expect(references.length).toBeGreaterThan(100);
    for (const reference of references) expect(resolve(document, reference), reference).toBeDefined();
    const names = Object.keys((document.components as Record<string, Json>).schemas!);
    expect(names.filter((name) => !references.includes(`#/components/schemas/${name}`))).toEqual([]);
  });

  it("says how each field of the model is written and how it is answered", () => {
    const schema = (path: string) => resolve(document, `#/components/schemas/${path}`);
    expect(schema("HomeInput/properties/wan/properties/down")).toMatchObject({ anyOf: [{ type: "number" }, { type: "string" }] });
    expect(schema("Home/properties/wan/properties/down")).toMatchObject({ type: "number", "x-unit": "kbit/s" });
    expect(schema("PersonaInput/properties/leadTime")).toMatchObject({ type: "string" });
    expect(schema("Persona/properties/leadTime")).toMatchObject({ type: "number", "x-unit": "ms" });
    expect(schema("NetworkProfile/properties/qos/properties/weight")).toMatchObject({ "x-blend": "geometric" });
    expect(schema("PlanView/properties/plan")).toMatchObject({ $ref: "#/components/schemas/NetworkPlan" });
    const anything = [...walk((document.components as Json).schemas)].filter(
      ([path, value]) => /\/properties\/\w+$/.test(path) && Object.keys(value).every((key) => key === "description"),
    );
    expect(anything.map(([path]) => path)).toEqual([]);
  });

  it("has examples that are true", () => {
    const check = schemaChecker(document);
    const examples = operations.flatMap(({ path, method, operation }) => {
      const content = (operation.requestBody as { content: Record<string, Json> } | undefined)?.content["application/json"];
      return content?.example === undefined ? [] : [{ path, method, example: content.example }];
    });
    expect(examples.length).toBeGreaterThanOrEqual(9);
    for (const { path, method, example } of examples)
      expect(check(pointer("paths", path, method, "requestBody", "content", "application/json", "schema"), example), path).toEqual([]);
  });

  it("can tell a wrong answer from a right one", () => {
    const check = schemaChecker(document);
    expect(check("/components/schemas/Error", { error: { code: "x", message: "y" } })).toEqual([]);
    expect(check("/components/schemas/Error", { error: { code: "x" } })).not.toEqual([]);
    expect(check("/components/schemas/Prediction", { subject: "alice" })).not.toEqual([]);
    expect(
      check("/components/schemas/Constraint", {
        id: "c",
        subject: "tv",
        source: "s",
        expiresAt: "soon",
        blockApplications: [],
        tighten: [],
        why: "",
      }),
    ).not.toEqual([]);
  });
});
