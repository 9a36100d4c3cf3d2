import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream";

/** What goes wrong on the wire. Delays are real milliseconds. */
export type WireFault =
  | { kind: "hang" }
  | { kind: "delay"; ms: number }
  /** The connection ends before the answer; with `handled` the router did what was asked. */
  | { kind: "cut"; handled?: boolean }
  | { kind: "garbage"; body?: string; type?: string }
  | { kind: "truncate" }
  | { kind: "huge"; bytes: number }
  | { kind: "status"; code: number; headers?: Record<string, string> }
  | { kind: "redirect"; to: string }
  /** An answer to another request, where requests have numbers. */
  | { kind: "wrong-id" }
  /** The last answer given before, whatever is asked; nothing is carried out. */
  | { kind: "replay" };

/** One request, read in full, and how it is answered: `send` meets the fault that is in force. */
export interface Exchange {
  request: IncomingMessage;
  method: string;
  body: Buffer;
  fault: WireFault | undefined;
  send(status: number, text: string, headers?: Record<string, string>): void;
  /** Ends the connection without an answer. */
  cut(): void;
}

export interface WireOptions {
  /** Serves https with this key and certificate (PEM). */
  tls?: { key: string; cert: string } | undefined;
  keepAliveTimeout?: number;
  /** What stands where the router should: HTML. */
  garbage?: string;
  /** The page of a status. */
  page?: (code: number) => string;
}

/** The server under every emulated router, on 127.0.0.1, and what a test does to it. */
export interface Wire {
  url: string;
  /** HTTP requests and connections so far. */
  requests(): number;
  connections(): number;
  /** Every following request meets the fault, or the next `times`; null ends it. */
  fault(fault: WireFault | null, times?: number): void;
  /** Goes dark at the given request (or write) from now on: before it is carried out, or after, without an answer. `listen` ends it. */
  goDarkAt(request: number, when: "before" | "after", of?: "requests" | "writes"): void;
  /** Ends every connection there is. */
  hangUp(): void;
  /** Refuses connections until `listen` is called. */
  unplug(): Promise<void>;
  listen(): Promise<void>;
}

/** Starts a server whose requests `handle` answers. What `handle` throws ends the connection. */
export async function startWire(options: WireOptions, handle: (exchange: Exchange) => unknown): Promise<Wire> {
  const sockets = new Set<Socket>();
  const counts = { requests: 0, connections: 0 };
  let fault: { what: WireFault; left: number } | undefined;
  let last: { status: number; text: string; headers: Record<string, string> } | undefined;
  let dark: { left: number; when: "before" | "after"; of: "requests" | "writes" } | undefined;

  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    counts.requests++;
    const met = fault?.what;
    if (fault && --fault.left <= 0) fault = undefined;
    if (met?.kind === "hang") return;
    const counted = dark?.of === "requests" || request.method !== "GET";
    if (dark && counted && --dark.left === 0 && dark.when === "before") return void unplug();
    if (met?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, met.ms));
    const body = await bodyOf(request);
    if (met?.kind === "cut" && !met.handled) return void request.socket.destroy();
    if (met && answerFault(met, response, options)) return;
    if (met?.kind === "replay" && last) {
      response.writeHead(last.status, last.headers);
      return void response.end(last.text);
    }
    await handle({
      request,
      method: request.method ?? "",
      body,
      fault: met,
      send(status, text, headers = {}) {
        if (dark?.left === 0) return void unplug();
        if (met?.kind === "cut") return void request.socket.destroy();
        last = { status, text, headers };
        response.writeHead(status, headers);
        response.end(met?.kind === "truncate" ? text.slice(0, Math.floor(text.length / 2)) : text);
      },
      cut: () => void (dark?.left === 0 ? unplug() : request.socket.destroy()),
    });
  };
  const guarded = (request: IncomingMessage, response: ServerResponse) =>
    void listener(request, response).catch(() => request.socket.destroy());
  const kept = { keepAliveTimeout: options.keepAliveTimeout ?? 5_000 };
  const server = options.tls ? createSecureServer({ ...kept, ...options.tls }, guarded) : createServer(kept, guarded);
  server.on(options.tls ? "secureConnection" : "connection", () => void counts.connections++);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  let port = 0;
  const listen = async () => {
    dark = undefined;
    if (server.listening) return;
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const unplug = async () => {
    if (!server.listening) return;
    hangUp();
    await new Promise((resolve) => server.close(resolve));
  };
  await listen();
  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests: () => counts.requests,
    connections: () => counts.connections,
    fault(what, times = Number.POSITIVE_INFINITY) {
      fault = what ? { what, left: times } : undefined;
    },
    goDarkAt(request, when, of = "requests") {
      dark = { left: request, when, of };
    },
    hangUp,
    unplug,
    listen,
  };
}

const hotspot = "<!doctype html><html><body>Please sign in to the hotspot</body></html>";

/** False when the request is to be handled. */
function answerFault(
  fault: WireFault,
  response: ServerResponse,
  { garbage = hotspot, page = () => "<h1>Error</h1>" }: WireOptions,
): boolean {
  switch (fault.kind) {
    case "garbage":
      response.writeHead(200, { "content-type": fault.type ?? "text/html" });
      response.end(fault.body ?? garbage);
      return true;
    case "huge":
      response.writeHead(200, { "content-type": "application/json" });
      pipeline(endless(fault.bytes), response, () => {});
      return true;
    case "status":
      response.writeHead(fault.code, { "content-type": "text/html", ...fault.headers });
      response.end(page(fault.code));
      return true;
    case "redirect":
      response.writeHead(307, { location: fault.to });
      response.end();
      return true;
    default:
      return false;
  }
}

function* endless(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(1 << 16, "x");
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
