import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Log } from "../driver/port.ts";
import type { PersonasClient } from "./contract.ts";
import { createClient } from "./core.ts";
import { ApiError } from "./errors.ts";
import { type ReconnectOptions, reconnectingStream } from "./reconnecting-stream.ts";

export interface RemoteOptions {
  /** Of the engine, e.g. "http://192.168.1.20:8787". */
  url: string;
  /** Absent only where the engine lets this machine in without one. */
  token?: string | undefined;
  log?: Pick<Log, "debug" | "info" | "warn">;
  /** Longest wait for an answer; applying to a slow router takes its time. */
  timeoutMs?: number;
  clock?: Clock;
  /** 0 to 1, for jitter. */
  random?: () => number;
  reconnect?: Partial<ReconnectOptions>;
}

const systemClock: Clock = { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}) };

/**
 * A client of an engine elsewhere.
 * @throws ApiError `bad-input` when the URL is none or holds a secret
 */
export function connectRemote(options: RemoteOptions): PersonasClient {
  const base = engineUrl(options.url);
  const { token, timeoutMs = 120_000, clock = systemClock, random = Math.random, log } = options;
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new ApiError("bad-input", 0, "the token holds characters that no token has; copy it again");
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const stop = new AbortController();
  const asking = new Set<AbortController>();
  stop.signal.addEventListener("abort", () => {
    for (const request of asking) request.abort();
  });
  return createClient(
    {
      async send(method, path, { headers, body }) {
        if (stop.signal.aborted) throw new ApiError("closed", 0, "this client was closed");
        const target = new URL(path, base);
        if (target.origin !== base.origin)
          throw new ApiError("bad-input", 0, "expected a path of the engine such as /v1/state", { field: "path" });
        const request = new AbortController();
        const done = new AbortController();
        let late = false;
        asking.add(request);
        const expire = () => {
          late = true;
          request.abort();
        };
        clock.sleep(timeoutMs, done.signal).then(expire, () => {});
        try {
          const init = { method, headers: { ...headers, ...authorization }, body: body ?? null, signal: request.signal };
          // A redirect would carry the token to somebody else.
          const response = await fetch(target, { ...init, redirect: "error" });
          return { status: response.status, text: await response.text() };
        } catch (error) {
          if (stop.signal.aborted) throw new ApiError("closed", 0, "this client was closed");
          throw late ? new ApiError("timeout", 0, `${base.origin} did not answer within ${timeoutMs / 1000} s`) : noAnswer(error, base);
        } finally {
          asking.delete(request);
          done.abort();
        }
      },
      stream(listener) {
        return reconnectingStream({
          url: base,
          authorization,
          listener,
          clock,
          random,
          log,
          signal: stop.signal,
          reconnect: { firstDelayMs: 500, longestDelayMs: 30_000, silenceMs: 60_000, ...options.reconnect },
        });
      },
      async close() {
        stop.abort();
      },
    },
    log,
  );
}

function engineUrl(text: string): URL {
  const bad = (message: string) => new ApiError("bad-input", 0, message, { field: "url" });
  if (!URL.canParse(text)) throw bad("expected the URL of the engine, such as http://192.168.1.20:8787");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw bad(`expected http:// or https://, not ${url.protocol}//`);
  if (url.username || url.password || url.search) throw bad("a URL holds no secrets; give the token by itself");
  if (url.pathname !== "/") throw bad(`expected the engine's address alone, without ${url.pathname.slice(0, 60)}`);
  return url;
}

function noAnswer(error: unknown, base: URL): ApiError {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  const why = cause?.code ? ` (${cause.code})` : "";
  return new ApiError("unreachable", 0, `no answer from ${base.origin}${why}; is the engine running there?`, { cause: error });
}
