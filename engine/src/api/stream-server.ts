import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock, Log } from "../driver/port.ts";
import { PersonasError } from "../model/index.ts";
import { type Admission, bearerToken } from "./admission.ts";
import type { Api } from "./api.ts";
import { BadRequest, describeError } from "./errors.ts";
import type { Resume } from "./follow.ts";
import { type Principal, requireScope } from "./principal.ts";
import type { Tokens } from "./tokens.ts";

export const streamPath = "/v1/stream";
export const streamProtocol = "np.v1";
/** Browsers cannot set headers on a WebSocket: they offer the token as a second sub-protocol, `np.token.<token>`. */
const tokenProtocol = "np.token.";
const mostStreams = 200;

export interface StreamLimits {
  /** Time between two pings; a client that does not answer one is let go at the next. */
  heartbeatMs: number;
  /** Bytes that may wait for a slow client before it is let go with code 1013. */
  bufferBytes: number;
}

export interface StreamServerOptions {
  api: Api;
  admission: Admission;
  tokens: Tokens;
  clock: Clock;
  log: Log;
  limits: StreamLimits;
}

/** WebSocket at /v1/stream: what was missed, a snapshot, then events. Read only. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: 4096,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(streamProtocol) ? streamProtocol : false),
  });
  readonly #open = new Map<WebSocket, { principal: Principal; answered: boolean }>();
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#unsubscribe = options.tokens.onRevoked((id) => this.#dropToken(id));
    void this.#heartbeats();
  }

  /** Answers the upgrade of one connection, or refuses it with a JSON error. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = () => {};
    socket.on("error", ignore);
    try {
      const { principal, resume } = await this.#admit(request);
      if (socket.destroyed || this.#stop.signal.aborted) return void socket.destroy();
      socket.off("error", ignore);
      this.#server.handleUpgrade(request, socket, head, (connection) => this.#serve(connection, principal, resume));
    } catch (error) {
      const { status, body } = describeError(error, this.#options.log);
      const text = JSON.stringify(body);
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    }
  }

  close(): void {
    this.#stop.abort();
    this.#unsubscribe();
    for (const connection of this.#open.keys()) {
      connection.close(1001, "the engine stops");
      setImmediate(() => connection.terminate());
    }
    this.#server.close();
  }

  async #admit(request: IncomingMessage): Promise<{ principal: Principal; resume: Resume | undefined }> {
    const { admission } = this.#options;
    const knock = { remoteAddress: request.socket.remoteAddress ?? "", headers: request.headers };
    admission.checkOrigin(knock);
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname !== streamPath)
      throw new PersonasError("not-found", `there is no stream at ${url.pathname.slice(0, 100)}; it is at ${streamPath}`);
    const offered = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((p) => p.trim())
      .filter(Boolean);
    if (offered.length > 0 && !offered.includes(streamProtocol))
      throw new BadRequest([{ field: "Sec-WebSocket-Protocol", message: `offer ${streamProtocol}` }]);
    const token =
      bearerToken(request.headers.authorization) ?? offered.find((p) => p.startsWith(tokenProtocol))?.slice(tokenProtocol.length);
    const principal = await admission.authenticate(knock, token);
    if (!principal)
      throw new PersonasError(
        "unauthenticated",
        `the stream needs a token: in the header Authorization: Bearer <token>, or as the sub-protocol ${tokenProtocol}<token> beside ${streamProtocol}`,
      );
    requireScope(principal, "read", "the stream");
    const resume = resumeOf(url);
    if (this.#open.size >= mostStreams)
      throw new PersonasError("busy", `${mostStreams} streams are open already; close some`, { responsible: "retry" });
    return { principal, resume };
  }

  #serve(connection: WebSocket, principal: Principal, resume: Resume | undefined): void {
    const { api, limits, log } = this.#options;
    this.#open.set(connection, { principal, answered: true });
    let unfollow = () => {};
    connection.on("pong", () => {
      const state = this.#open.get(connection);
      if (state) state.answered = true;
    });
    connection.on("message", () => connection.close(1003, "this stream is read only; use POST"));
    connection.on("error", (error) => log.debug(`api: stream of ${principal.name}: ${error.message}`));
    connection.on("close", () => {
      this.#open.delete(connection);
      unfollow();
    });
    unfollow = api.follow(
      principal,
      (message) => {
        if (connection.readyState !== connection.OPEN) return;
        connection.send(JSON.stringify(message));
        if (connection.bufferedAmount <= limits.bufferBytes) return;
        log.warn(`api: the stream of ${principal.name} does not keep up and is closed`);
        // ws drops the connection, and what waits for it, when the peer has not answered the close within 30 s.
        connection.close(1013, "too slow; connect again and resume");
        unfollow();
      },
      resume,
    );
    if (connection.readyState !== connection.OPEN) unfollow();
  }

  async #heartbeats(): Promise<void> {
    const { clock, limits, tokens } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(limits.heartbeatMs, signal).catch(() => {});
      if (signal.aborted) return;
      for (const [connection, state] of this.#open) {
        if (!state.answered) connection.terminate();
        else {
          state.answered = false;
          connection.ping();
        }
        // A token may also be withdrawn by another process, or expire.
        const { tokenId } = state.principal;
        if (tokenId && !(await tokens.stillValid(tokenId).catch(() => true))) this.#dropToken(tokenId);
      }
    }
  }

  #dropToken(id: string): void {
    for (const [connection, { principal }] of this.#open) if (principal.tokenId === id) connection.close(1008, "the token was withdrawn");
  }
}

function resumeOf(url: URL): Resume | undefined {
  const { since, epoch, ...others } = Object.fromEntries(url.searchParams);
  for (const name of Object.keys(others)) {
    throw new BadRequest([
      {
        field: name,
        message: /token/i.test(name)
          ? "a token never goes into an address; use the Authorization header or the sub-protocol"
          : "is not a known field; expected since and epoch",
      },
    ]);
  }
  if (since === undefined) return undefined;
  if (!/^\d{1,15}$/.test(since))
    throw new BadRequest([{ field: "since", message: "expected the sequence of the last event you have, such as 42" }]);
  return { sequence: Number(since), ...(epoch === undefined ? {} : { epoch }) };
}
