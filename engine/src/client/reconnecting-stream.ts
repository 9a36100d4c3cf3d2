import { WebSocket } from "ws";
import type { Clock, Log } from "../driver/port.ts";
import type { StreamListener } from "./contract.ts";
import { deliver } from "./core.ts";

export interface ReconnectOptions {
  /** First wait after a lost connection; doubles with every failure. */
  firstDelayMs: number;
  longestDelayMs: number;
  /** Longest silence, the server's pings included, before the connection counts as lost. */
  silenceMs: number;
}

interface StreamOptions {
  url: URL;
  authorization: Record<string, string>;
  listener: StreamListener;
  clock: Clock;
  random: () => number;
  log: Pick<Log, "debug" | "info" | "warn"> | undefined;
  signal: AbortSignal;
  reconnect: ReconnectOptions;
}

/** Follows the stream of an engine until stopped, connecting again and resuming where it left off. */
export function reconnectingStream(options: StreamOptions): () => void {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  void keepConnected(options, signal);
  return () => stop.abort();
}

async function keepConnected(options: StreamOptions, signal: AbortSignal): Promise<void> {
  const { listener, clock, random, log, reconnect } = options;
  let resume: { sequence: number; epoch?: string } | undefined;
  let failures = 0;
  let reported: string | undefined;
  while (!signal.aborted) {
    const why = await oneConnection(options, resume, signal, (message) => {
      if (failures > 0 || reported !== undefined) log?.info(`connected to ${options.url.origin} again`);
      failures = 0;
      reported = undefined;
      const reached = deliver(message, listener);
      if (reached) resume = { ...resume, ...reached };
    });
    if (signal.aborted) return;
    listener.connection("offline", why);
    // Said once per reason: an engine that is away for a night is one line, not a thousand.
    if (why !== reported) log?.warn(`stream of ${options.url.origin}: ${why}; connecting again`);
    reported = why;
    const delay = Math.min(reconnect.longestDelayMs, reconnect.firstDelayMs * 2 ** Math.min(failures, 20)) * (0.5 + random() / 2);
    failures++;
    await clock.sleep(delay, signal).catch(() => {});
  }
}

/** Runs one connection to its end and tells why it ended. */
function oneConnection(
  options: StreamOptions,
  resume: { sequence: number; epoch?: string } | undefined,
  signal: AbortSignal,
  onMessage: (message: unknown) => void,
): Promise<string> {
  const { url, authorization, listener, clock, reconnect } = options;
  const target = new URL("/v1/stream", url);
  target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (resume)
    target.search = new URLSearchParams({ since: String(resume.sequence), ...(resume.epoch ? { epoch: resume.epoch } : {}) }).toString();
  return new Promise((resolve) => {
    const socket = new WebSocket(target, "np.v1", { headers: authorization, perMessageDeflate: false, followRedirects: false });
    let silence = new AbortController();
    const ended = new AbortController();
    const finish = (why: string) => {
      if (ended.signal.aborted) return;
      ended.abort();
      silence.abort();
      signal.removeEventListener("abort", onAbort);
      socket.terminate();
      resolve(why);
    };
    const onAbort = () => finish("stopped");
    const heard = () => {
      silence.abort();
      if (ended.signal.aborted) return;
      silence = new AbortController();
      clock.sleep(reconnect.silenceMs, silence.signal).then(
        () => finish(`nothing was heard for ${Math.round(reconnect.silenceMs / 1000)} s`),
        () => {},
      );
    };
    if (signal.aborted) return finish("stopped");
    signal.addEventListener("abort", onAbort, { once: true });
    heard();
    socket.on("open", () => {
      heard();
      listener.connection("online");
    });
    socket.on("ping", heard);
    socket.on("message", (data) => {
      if (ended.signal.aborted) return;
      heard();
      try {
        onMessage(JSON.parse(String(data)));
      } catch {
        finish("it sent something that is not JSON");
      }
    });
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      const said = {
        401: "the token is not valid",
        403: "the token may not follow the stream, or the address is not allowed",
        404: "there is no stream there; check the URL",
        429: "too many invalid tokens",
      };
      finish(said[response.statusCode as keyof typeof said] ?? `refused with status ${response.statusCode}`);
    });
    socket.on("close", (code, reason) => finish(reason.length > 0 ? `closed: ${reason}` : `the connection was lost (${code})`));
    socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ? `no connection (${error.code})` : "no connection"));
  });
}
