import type { Log } from "../driver/port.ts";
import type { PersonasClient, RequestOptions, StreamListener } from "./contract.ts";
import { ApiError, errorOf, parsedJson } from "./errors.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** A whole answer; its body as text. */
export interface Answer {
  status: number;
  text: string;
}

/** What differs between an engine in this process and one elsewhere. */
export interface Transport {
  /** Rejects with ApiError when there is no whole answer. */
  send(method: Method, path: string, init: { headers: Record<string, string>; body?: string }): Promise<Answer>;
  stream(listener: StreamListener): () => void;
  close(): Promise<void>;
}

const segment = encodeURIComponent;

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** A client over a transport. The one place that knows paths. */
export function createClient(transport: Transport, log?: Pick<Log, "warn">): PersonasClient {
  const request = async (method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<unknown> => {
    if (!path.startsWith("/")) throw new ApiError("bad-input", 0, `expected a path such as /v1/state, not "${path}"`);
    const text = typeof body === "string";
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = text ? "application/yaml" : "application/json";
    if (options.ifMatch !== undefined) headers["if-match"] = options.ifMatch === "*" ? "*" : `"${options.ifMatch}"`;
    const answer = await transport.send(method, path, {
      headers,
      ...(body === undefined ? {} : { body: text ? body : JSON.stringify(body) }),
    });
    if (answer.status >= 400) throw errorOf(answer);
    if (answer.status === 204) return undefined;
    const parsed = parsedJson(answer.text);
    if (parsed === undefined) throw new ApiError("bad-response", answer.status, "the answer is not JSON; check the URL");
    return parsed;
  };
  const ask = async <T>(method: Method, path: string, body?: unknown): Promise<T> => (await request(method, path, body)) as T;
  return {
    state: () => ask("GET", "/v1/state"),
    predictions: () => ask("GET", "/v1/predictions"),
    predict: (query) => ask("POST", "/v1/predict", query),
    blend: (query) => ask("POST", "/v1/blend", query),
    plan: (query) => ask("POST", "/v1/plan", query),
    clients: () => ask("GET", "/v1/clients"),
    routers: () => ask("GET", "/v1/routers"),
    doctor: () => ask("GET", "/v1/doctor"),
    testRollback: (router) => ask("POST", "/v1/doctor/test-rollback", { router }),
    upcoming: (query = {}) => ask("GET", withQuery("/v1/calendar/upcoming", query)),
    history: (query = {}) => ask("GET", withQuery("/v1/history", query)),
    calibration: () => ask("GET", "/v1/calibration"),
    submit: (signals) => ask("POST", "/v1/signals", signals),
    constrain: (constraint) => ask("POST", "/v1/constraints", constraint),
    removeConstraint: (id) => ask("DELETE", `/v1/constraints/${segment(id)}`),
    propose: (proposal) => ask("POST", "/v1/proposals", proposal),
    withdraw: (id) => ask("DELETE", `/v1/proposals/${segment(id)}`),
    override: (order) => ask("POST", "/v1/overrides", order),
    clearOverride: (subject) => ask("DELETE", `/v1/overrides/${segment(subject)}`),
    apply: () => ask("POST", "/v1/apply"),
    rollback: () => ask("POST", "/v1/rollback"),
    release: (how = {}) => ask("POST", "/v1/release", how),
    pause: (minutes) => ask("POST", "/v1/pause", { minutes }),
    forget: (what) => ask("DELETE", withQuery("/v1/history", what)),
    request,
    stream: (listener) => transport.stream(guarded(listener, log)),
    close: () => transport.close(),
  };
}

/** Hands one stream message to a listener; returns where to resume after it. */
export function deliver(message: unknown, listener: StreamListener): { sequence: number; epoch?: string } | undefined {
  const { type } = (message ?? {}) as { type?: unknown };
  if (type === "snapshot") {
    const { state, epoch } = message as { state: Parameters<StreamListener["snapshot"]>[0]; epoch: string };
    listener.snapshot(state);
    return { sequence: state.sequence, epoch };
  }
  if (typeof type !== "string") return undefined;
  const event = message as Parameters<StreamListener["event"]>[0];
  listener.event(event);
  return { sequence: event.sequence };
}

/** A listener whose own errors end neither the stream nor the engine. */
function guarded(listener: StreamListener, log: Pick<Log, "warn"> | undefined): StreamListener {
  const safely = (call: () => void) => {
    try {
      call();
    } catch (error) {
      log?.warn(`a listener of the stream failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    snapshot: (state) => safely(() => listener.snapshot(state)),
    event: (event) => safely(() => listener.event(event)),
    connection: (status, why) => safely(() => listener.connection(status, why)),
  };
}
