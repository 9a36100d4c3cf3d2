import { ApiError } from "@network-personas/engine/client";
import { servePages } from "@network-personas/engine/pages";
import type { NodeAPI } from "node-red";
import { BadMessage } from "./bad-message.ts";
import type { EngineConnection } from "./connection.ts";
import { translated } from "./input.ts";

const readPermission = "persona-engine.read";
const writePermission = "persona-engine.write";
/** What the pages only look at. Everything else changes something, or says more than they show. */
const looked =
  /^\/v1\/(state|stream|plan|predictions|personas|history|calibration|calendar\/upcoming|routers|overrides|proposals|constraints)$/;
/** Paths that mean what they say: no dots and escapes that the engine would read otherwise. */
const plain = /^\/v1(\/[\w-][\w.-]*)+$/;
/** The editor signs requests itself; tokens of the engine are made where it runs. */
const never = /^\/v1\/tokens(\/|$)/;
const heartbeatMs = 20_000;

/** Which of the editor's permissions a request to an engine needs; undefined when the editor may not ask it at all. */
export function permissionFor(method: string, path: string): string | undefined {
  if (!plain.test(path) || never.test(path)) return undefined;
  return method === "GET" && looked.test(path) ? readPermission : writePermission;
}

/** Node-RED reads JSON itself, up to 5 MB; a backup of some weeks is more, and comes under a type that it leaves to us. */
const unread = "application/vnd.network-personas+json";
const largestBody = 480 * 1024 * 1024;

/** What the mount needs of a request of Express. */
interface Asked extends AsyncIterable<Uint8Array> {
  method: string;
  /** Below the mount: "/", "/main.js" or "/v1/state". */
  path: string;
  /** The same with the query. */
  url: string;
  params: { id?: string };
  body?: unknown;
  get(header: string): string | undefined;
}
interface Answering {
  status(code: number): Answering;
  set(headers: Record<string, string>): Answering;
  json(body: unknown): void;
  send(text: string): void;
  end(): void;
  write(text: string): boolean;
  flushHeaders(): void;
  on(event: "close", listener: () => void): void;
}

export interface Engines {
  connectionOf(id: string): EngineConnection | undefined;
  /** An engine that was removed, for one request. */
  reopen(id: string): EngineConnection | undefined;
}

/**
 * The engine's pages below a path of the editor, for one engine each: its files as they are, its API with the editor's login in place
 * of a token. Files hold nothing of the home and are open, as the editor's own are: a frame cannot send the login along.
 */
export function mountPages(RED: NodeAPI, { connectionOf, reopen }: Engines): void {
  const serve = async (request: Asked, response: Answering, permitted: (permission: string) => Promise<void>): Promise<void> => {
    if (!request.path.startsWith("/v1/")) return await serveFile(request, response);
    const permission = permissionFor(request.method, request.path);
    if (!permission) throw new ApiError("forbidden", 403, `${request.path} is not for the editor: ask the engine itself`);
    await permitted(permission);
    // A form of another site can send neither this type nor these methods.
    const isUnread = request.get("content-type") === unread;
    if (request.method === "POST" && !isUnread && !request.get("content-type")?.startsWith("application/json"))
      throw new ApiError("unsupported-media-type", 415, "send Content-Type: application/json");
    if (isUnread) request.body = await readBody(request);
    const id = request.params.id ?? "";
    const connection = connectionOf(id);
    // Whoever deploys first and answers the offer to clean the routers then is not too late.
    const reopened = connection || request.path !== "/v1/release" ? undefined : reopen(id);
    try {
      await forward(request, response, connection ?? reopened);
    } finally {
      await reopened?.close();
    }
  };
  const forward = async (request: Asked, response: Answering, connection: EngineConnection | undefined): Promise<void> => {
    if (!connection) throw translated(RED, new BadMessage("notDeployed"));
    const client = await connection.client();
    if (request.path === "/v1/stream") return streamTo(connection, response);
    const etag = request.get("if-match")?.replace(/^"(.*)"$/, "$1");
    const empty = request.method === "GET" || request.method === "DELETE";
    const method = request.method as "GET" | "PUT" | "POST" | "DELETE";
    const answer = await client.request(method, request.url, empty ? undefined : request.body, etag === undefined ? {} : { ifMatch: etag });
    response.set({ "cache-control": "no-store" });
    if (answer === undefined) response.status(204).end();
    else response.json(answer);
  };
  RED.httpAdmin.use("/network-personas/engines/:id/pages", (request, response) => {
    const permitted = (permission: string) =>
      new Promise<void>((resolve) => RED.auth.needsPermission(permission)(request, response, () => resolve()));
    serve(request as unknown as Asked, response as unknown as Answering, permitted).catch((error: unknown) =>
      refuse(response as unknown as Answering, translated(RED, error)),
    );
  });
}

async function serveFile({ method, path }: Asked, response: Answering): Promise<void> {
  const page = await servePages(new Request(`http://editor.invalid${path}`, { method: method === "HEAD" ? "HEAD" : "GET" }), {
    framed: true,
  });
  if (!page) throw new ApiError("not-found", 404, `there is no page ${path.slice(0, 100)}`);
  response.set(Object.fromEntries(page.headers)).send(await page.text());
}

async function readBody(request: Asked): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestBody) throw new ApiError("too-large", 413, `the body is larger than ${largestBody / 1024} KiB`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ApiError("bad-input", 400, "the body is not JSON");
  }
}

/** Says in lines of JSON that something changed, for as long as the engine is there. What changed is asked for. */
function streamTo(connection: EngineConnection, response: Answering): void {
  response.set({ "content-type": "application/x-ndjson", "cache-control": "no-store", "x-accel-buffering": "no" }).flushHeaders();
  const tell = (type: string) => response.write(`${JSON.stringify({ type })}\n`);
  const alive = setInterval(() => tell("alive"), heartbeatMs);
  alive.unref();
  const stop = connection.subscribe({
    connection: (status) => status === "offline" && response.end(),
    snapshot: () => tell("snapshot"),
    event: ({ type }) => tell(type),
  });
  response.on("close", () => {
    clearInterval(alive);
    stop();
  });
}

/** A remote engine that refuses our token is no fault of who looks at the editor: 401 would ask for their password again. */
function refuse(response: Answering, error: Error): void {
  const { code, status, field } = error instanceof ApiError ? error : { code: "offline", status: 503, field: undefined };
  response
    .status(status === 401 ? 502 : status === 0 ? 503 : status)
    .json({ error: { code, message: error.message, ...(field && { field }) } });
}
