import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@network-personas/engine/driver";
import { TestClock } from "@network-personas/engine/testing";
// The default export is the one that every version of ws has.
import WebSocket from "ws";
import { type ApiServer, type ApiServerOptions, type Scope, startApi, Tokens } from "../../engine/src/api/index.ts";
import type { EngineService } from "../../engine/src/runtime/port.ts";
import { type FakeService, fakeService } from "./fake-service.ts";
import { memoryTokenRecords } from "./memory-token-records.ts";

export const startTime = "2026-11-23T08:55:00.000Z";
export const realClock: Clock = { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}) };

/** The two parts of a token `np_<id>_<secret>`; the secret may hold "_" itself. */
export const idOf = (token: string) => token.slice(3, 15);
export const secretOf = (token: string) => token.slice(16);

/** A log that keeps its lines. */
export function keptLog() {
  const lines: string[] = [];
  const add = (message: string) => void lines.push(message);
  return { lines, debug: add, info: add, warn: add, error: add };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}
/** `body`: a string is sent as it is. */
export interface Ask {
  token?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface Harness<S extends EngineService> {
  service: S;
  server: ApiServer;
  tokens: Tokens;
  clock: TestClock;
  log: ReturnType<typeof keptLog>;
  /** Makes a token and gives its text. */
  token(scopes: readonly Scope[], subjects?: readonly string[]): Promise<string>;
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

type Overrides = Partial<Omit<ApiServerOptions, "config">> & { config?: Partial<ApiServerOptions["config"]> };

/** Any engine behind a real server on loopback, with tokens in memory and a clock that stands still. */
export async function serveEngine<S extends EngineService>(service: S, clock: TestClock, overrides: Overrides = {}): Promise<Harness<S>> {
  const log = keptLog();
  const tokens = overrides.tokens ?? new Tokens(memoryTokenRecords(), clock);
  const config = { host: "127.0.0.1", port: 0, loopbackWithoutToken: false, ...overrides.config };
  const server = await startApi({ service, clock, log, ...overrides, tokens, config });
  let made = 0;
  return {
    service,
    server,
    tokens,
    clock,
    log,
    async token(scopes, subjects) {
      return (await tokens.create({ name: `test-${++made}`, scopes, ...(subjects ? { subjects } : {}) })).token;
    },
    async ask(method, path, { token, headers = {}, body } = {}) {
      const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
      const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { ...type, ...authorization, ...headers },
        body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    close: () => server.close(),
  };
}

/** The fake engine behind a real server. */
export async function serveFake(overrides: Overrides & { held?: number; start?: number } = {}): Promise<Harness<FakeService>> {
  const { held, start, ...rest } = overrides;
  const clock = new TestClock(startTime);
  const service = await fakeService({ clock, ...(held === undefined ? {} : { held }), ...(start === undefined ? {} : { start }) });
  return serveEngine(service, clock, rest);
}

/** A WebSocket with everything it was told, for tests of the stream. */
export function openStream(
  url: string,
  options: { token?: string; query?: string; protocols?: string[]; headers?: Record<string, string> } = {},
) {
  const { token, query = "", protocols = ["np.v1"], headers = {} } = options;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/stream${query}`, protocols, {
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
  const messages: { type: string; sequence?: number; [key: string]: unknown }[] = [];
  let closed: { code: number; reason: string } | undefined;
  let refused: { status: number; body: unknown } | undefined;
  socket.on("message", (data) => void messages.push(JSON.parse(String(data))));
  socket.on("close", (code, reason) => {
    closed = { code, reason: String(reason) };
  });
  socket.on("error", () => {});
  let wire: { pause(): void; resume(): void } | undefined;
  socket.on("upgrade", (response) => {
    wire = response.socket;
  });
  socket.on("unexpected-response", (_request, response) => {
    let text = "";
    response.on("data", (part) => {
      text += part;
    });
    response.on("end", () => {
      refused = { status: response.statusCode ?? 0, body: JSON.parse(text) };
    });
  });
  return {
    socket,
    messages,
    closed: () => until(() => closed),
    refused: () => until(() => refused),
    next: (count: number) => until(() => (messages.length >= count ? messages : undefined)),
    /** Stops and goes on reading from the wire, pings included. */
    pause: () => wire?.pause(),
    resume: () => wire?.resume(),
    close: () => socket.terminate(),
  };
}

/** Waits for something that happens on a socket; 5 s at most. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  const end = Date.now() + 5000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error("it did not happen within 5 s");
    await sleep(5);
  }
}
