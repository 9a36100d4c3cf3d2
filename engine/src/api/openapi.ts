import type { z } from "zod";
import { EngineEvent } from "../model/index.ts";
import { type JsonSchema, SchemaBook } from "./json-schema.ts";
import type { Route } from "./route.ts";

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const refusals: Record<string, string> = {
  400: "The input is wrong; `problems` names every field",
  401: "No token, or one that is not valid",
  403: "The token may not do this, or the request comes from a foreign host or page",
  404: "There is no such thing",
  409: "It was changed meanwhile, is taken, or would cut the way to the router",
  413: "The body is larger than 256 KiB (480 MiB for an import)",
  415: "The body is neither JSON nor, where allowed, YAML",
  428: "If-Match is missing",
  429: "Too many invalid tokens",
  502: "A router did not do what was asked; the code says why",
};

function refusalCodes(route: Route): string[] {
  return [
    ...(route.params || route.query || route.body ? ["400"] : []),
    ...(route.scope ? ["401"] : []),
    "403",
    ...(route.params ? ["404"] : []),
    ...(route.ifMatch || route.scope === "control" ? ["409"] : []),
    ...(route.body ? ["413", "415"] : []),
    ...(route.ifMatch ? ["428"] : []),
    ...(route.scope ? ["429"] : []),
    ...(route.reach === "home" && route.scope !== "admin" ? ["502"] : []),
  ];
}

function parameters(route: Route, book: SchemaBook): JsonSchema[] {
  const listed = (schema: z.ZodObject | undefined, where: "path" | "query") =>
    Object.entries(schema ? (book.of(schema, "input").properties as Record<string, JsonSchema>) : {}).map(([name, property]) => {
      const optional = where === "query" && schema!.shape[name]!.safeParse(undefined).success;
      const { description, ...rest } = property;
      return { name, in: where, required: !optional, ...(description === undefined ? {} : { description }), schema: rest };
    });
  const ifMatch = {
    name: "If-Match",
    in: "header",
    required: true,
    description: "The etag that GET gave, or * to overwrite whatever is there.",
    schema: { type: "string" },
  };
  return [...listed(route.params, "path"), ...listed(route.query, "query"), ...(route.ifMatch ? [ifMatch] : [])];
}

function operation(route: Route, book: SchemaBook): JsonSchema {
  const { example } = route;
  const body = route.body && {
    "application/json": { schema: book.of(route.body, "input"), ...(example?.body === undefined ? {} : { example: example.body }) },
    ...(route.yaml ? { "application/yaml": { schema: { type: "string", description: "The same as YAML text." } } } : {}),
  };
  const success = route.response
    ? { 200: { description: "Done", content: { "application/json": { schema: book.of(route.response, "output") } } } }
    : { 204: { description: "Done" } };
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    ...(route.scope ? { "x-scope": route.scope, "x-reach": route.reach } : {}),
    security: route.scope ? [{ bearer: [] }] : [],
    parameters: parameters(route, book),
    ...(body ? { requestBody: { required: !route.body?.safeParse({}).success, content: body } } : {}),
    responses: { ...success, ...Object.fromEntries(refusalCodes(route).map((code) => [code, { $ref: `#/components/responses/${code}` }])) },
  };
}

export const streamOperation = {
  operationId: "stream",
  tags: ["Stream"],
  summary: "WebSocket: a snapshot, then every event",
  description:
    "Connect with the sub-protocol `np.v1` and the token in the Authorization header; browsers offer it as a second sub-protocol `np.token.<token>`. " +
    "First comes a message of type `snapshot` with the whole state, then events whose `sequence` grows. After a lost connection give `since` (the last sequence) and `epoch` " +
    "(from the snapshot): missed events come first if they are still held, then a snapshot; its `gap` says whether some are gone. The server pings; it closes with 1008 when the token " +
    "is withdrawn and 1013 when the reader is too slow.",
  "x-scope": "read",
  "x-reach": "subjects",
  security: [{ bearer: [] }],
  parameters: [
    {
      name: "since",
      in: "query",
      required: false,
      description: "Sequence of the last event you have.",
      schema: { type: "integer", minimum: 0 },
    },
    { name: "epoch", in: "query", required: false, description: "Epoch of the snapshot you had.", schema: { type: "string" } },
  ],
  responses: {
    101: {
      description: "Switching to WebSocket; each text message is one of these",
      content: { "application/json": { schema: reference("StreamMessage") } },
    },
    400: { $ref: "#/components/responses/400" },
    401: { $ref: "#/components/responses/401" },
    403: { $ref: "#/components/responses/403" },
    429: { $ref: "#/components/responses/429" },
  },
};

const snapshotMessage = {
  type: "object",
  properties: {
    type: { const: "snapshot", type: "string" },
    epoch: { type: "string", description: "Names this run of the engine." },
    gap: { type: "boolean", description: "Events after the given sequence are no longer held." },
    state: reference("EngineState"),
  },
  required: ["type", "epoch", "gap", "state"],
  additionalProperties: false,
};

/** The OpenAPI 3.1 document of the routes. */
export function openApiDocument(routes: readonly Route[]): object {
  const present = <T>(values: readonly (T | undefined)[]) => values.filter((value): value is T => value !== undefined);
  const book = new SchemaBook({
    input: present(routes.flatMap((route) => [route.params, route.query, route.body])),
    output: [...present(routes.map((route) => route.response)), EngineEvent],
  });
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, book) };
  paths["/v1/stream"] = { get: streamOperation };
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "Network Personas",
      version: "1",
      summary: "A home network that is already configured for what you are about to do.",
      description:
        "Every operation names the scope it needs (`x-scope`). `read` sees; `signal` speaks and sees nothing; `control` includes both and decides; `admin` includes everything. " +
        "A token may be limited to subjects: it then speaks for and sees only these, and operations that concern the whole home (`x-reach: home`) are closed to it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set([...routes.map((route) => route.tag), "Stream"])].map((name) => ({ name })),
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A token `np_<id>_<secret>`, made by `network-personas token create` or createToken.",
        },
      },
      responses: Object.fromEntries(
        Object.entries(refusals).map(([code, description]) => [
          code,
          { description, content: { "application/json": { schema: reference("Error") } } },
        ]),
      ),
      schemas: {
        ...book.components,
        SnapshotMessage: snapshotMessage,
        StreamMessage: { anyOf: [reference("SnapshotMessage"), reference("EngineEvent")] },
      },
    },
  };
}
