import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import type { Clock, Log } from "../driver/port.ts";
import { PersonasError } from "../model/index.ts";
import type { EngineService } from "../runtime/port.ts";
import { describeError, TooManyAttempts } from "./errors.ts";
import { follow, type Resume, type StreamMessage } from "./follow.ts";
import { openApiDocument } from "./openapi.ts";
import { type Principal, requireScope } from "./principal.ts";
import { readBody, readParams, readQuery } from "./read-input.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes/index.ts";
import type { Tokens } from "./tokens.ts";
import { viewOf } from "./view.ts";

/** Nobody in particular: may use the open routes only. */
const nobody: Principal = { kind: "token", name: "nobody", scopes: [] };

/** The API without a socket: the same routes, validation and authorisation for hosts in this process and for the server. */
export interface Api {
  /** Answers a request of `principal`; undefined is somebody without a token. Never rejects. */
  fetch(request: Request, principal?: Principal): Promise<Response>;
  /** Follows the stream as `principal`. @throws PersonasError `forbidden` */
  follow(principal: Principal, send: (message: StreamMessage) => void, resume?: Resume): () => void;
  /** The OpenAPI 3.1 document. */
  document(): object;
  /** True when a request may be answered without knowing who asks. */
  isOpen(request: { method: string; pathname: string }): boolean;
}

interface Bindings {
  principal: Principal | undefined;
}
type RequestContext = Context<{ Bindings: Bindings }>;

export interface ApiOptions {
  service: EngineService;
  clock: Pick<Clock, "now">;
  log: Log;
  /** Absent: tokens are not managed through this API. */
  tokens?: Tokens | undefined;
}

export function createApi({ service, clock, log, tokens }: ApiOptions): Api {
  const epoch = randomUUID();
  const app = new Hono<{ Bindings: Bindings }>();
  app.use(compress({ threshold: worthZipping }));
  // Hardly anybody reads it, and everything starts with making this.
  let made: object | undefined;
  const document = () => (made ??= openApiDocument(routes));

  const answer = async (route: Route, context: RequestContext): Promise<Response> => {
    const principal = context.env.principal ?? nobody;
    const what = `${route.method} ${route.path}`;
    if (route.scope) {
      if (!context.env.principal)
        throw new PersonasError(
          "unauthenticated",
          `${what} needs a token: send the header Authorization: Bearer <token>; create one with: network-personas token create`,
        );
      requireScope(principal, route.scope, what);
      if (route.reach === "home" && principal.subjects)
        throw new PersonasError(
          "forbidden",
          `${what} concerns the whole home; the token "${principal.name}" is for ${principal.subjects.join(", ")} only`,
        );
    }
    const request = context.req.raw;
    const ifMatch = request.headers
      .get("if-match")
      ?.trim()
      .replace(/^(?:W\/)?"(.*)"$/, "$1");
    if (route.ifMatch && !ifMatch)
      throw new PersonasError(
        "precondition-required",
        `${what} needs the header If-Match with the etag that GET gave, or * to overwrite whatever is there`,
      );
    const result = await route.handle({
      service,
      tokens,
      principal,
      ifMatch,
      view: viewOf(principal, service.home().home),
      now: clock.now(),
      params: readParams(route, context.req.param()),
      query: readQuery(route, new URL(request.url)),
      ...(await readBody(route, request)),
      document,
    });
    if (!route.response) return new Response(null, { status: 204 });
    const etag = (result as { etag?: unknown } | null)?.etag;
    return json(result, { headers: typeof etag === "string" ? { etag: `"${etag}"` } : {} });
  };

  for (const route of routes) app.on(route.method, honoPath(route.path), (context) => answer(route, context));
  app.notFound((context) => {
    const others = routes.filter((route) => matches(route.path, context.req.path)).map((route) => route.method);
    const error =
      others.length > 0
        ? new PersonasError("method-not-allowed", `${context.req.path} takes ${others.join(", ")}, not ${context.req.method}`)
        : new PersonasError("not-found", `there is no ${context.req.path.slice(0, 100)}; /openapi.json lists what there is`);
    return refusal(error, log, others.length > 0 ? { allow: others.join(", ") } : {});
  });
  app.onError((error) => refusal(error, log));

  return {
    async fetch(request, principal) {
      const response = await app.fetch(request, { principal });
      response.headers.set("cache-control", "no-store");
      response.headers.set("x-content-type-options", "nosniff");
      return response;
    },
    follow: (principal, send, resume) => follow({ service, principal, epoch, resume, send }),
    document,
    isOpen: ({ method, pathname }) =>
      routes.some((r) => r.scope === null && r.path === pathname && (r.method === method || (r.method === "GET" && method === "HEAD"))),
  };
}

/** Answers of this many bytes are sent small, for phones on a bad connection: less costs more than it spares. */
const worthZipping = 8 * 1024;
function json(body: unknown, init: { status?: number; headers: Record<string, string> }): Response {
  const text = JSON.stringify(body);
  const headers = { ...init.headers, "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
  return new Response(text, { ...init, headers });
}

/** An error as a response. */
export function refusal(error: unknown, log: Log, headers: Record<string, string> = {}): Response {
  const { status, body } = describeError(error, log);
  const response = json(body, { status, headers });
  if (status === 401) response.headers.set("www-authenticate", "Bearer");
  if (error instanceof TooManyAttempts) response.headers.set("retry-after", String(error.seconds));
  return response;
}

const honoPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ":$1");
const matches = (path: string, actual: string) =>
  new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(actual);
