import type { z } from "zod";
import type { EngineService } from "../runtime/port.ts";
import type { Scope } from "./contract.ts";
import type { Principal } from "./principal.ts";
import type { Tokens } from "./tokens.ts";
import type { View } from "./view.ts";

/** Everything a handler gets: validated input, who asks, and the engine. */
export interface Call<P, Q, B> {
  service: EngineService;
  tokens: Tokens | undefined;
  principal: Principal;
  view: View;
  /** Milliseconds since 1970. */
  now: number;
  params: P;
  query: Q;
  body: B;
  /** The body as it was sent: parsed JSON before defaults were filled in, or the text of a YAML body. */
  sent: { json: unknown } | { yaml: string };
  ifMatch: string | undefined;
  /** The OpenAPI document of the API that is asked. */
  document(): object;
}

type ObjectSchema = z.ZodObject;

/** Input that came as JSON or a query: an optional field is there or not, and never `undefined`. */
export type Received<T> = T extends object ? { [K in keyof T]: Exclude<T[K], undefined> } : T;

/** One operation of the API, declared once: validation, authorisation and documentation all read it. */
export interface RouteSpec<P extends ObjectSchema, Q extends ObjectSchema, B extends z.ZodType> {
  operationId: string;
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** OpenAPI style, e.g. "/v1/personas/{id}". */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** `null`: open to everybody who is admitted at all. */
  scope: Scope | null;
  /** `home`: concerns everybody, so a token limited to subjects is refused. */
  reach: "subjects" | "home";
  params?: P;
  query?: Q;
  body?: B;
  /** Largest body, bytes, where the usual limit is too narrow. */
  largestBody?: number;
  /** The body may also be YAML text, which the engine validates itself so that it can name lines. */
  yaml?: boolean;
  /** The request must name the version it edits in `If-Match`. */
  ifMatch?: boolean;
  /** Absent: 204 without a body. */
  response?: z.ZodType;
  example?: { body?: unknown; response?: unknown };
  handle(call: Call<z.output<P>, Received<z.output<Q>>, Received<z.output<B>>>): unknown;
}

/** A route whose types were checked where it was declared. */
export type Route = Omit<RouteSpec<ObjectSchema, ObjectSchema, z.ZodType>, "handle"> & {
  handle(call: Call<unknown, unknown, unknown>): unknown;
};

/** Declares a route; the handler's types come from its schemas. */
export function route<P extends ObjectSchema = ObjectSchema, Q extends ObjectSchema = ObjectSchema, B extends z.ZodType = z.ZodType>(
  spec: RouteSpec<P, Q, B>,
): Route {
  return spec as unknown as Route;
}
