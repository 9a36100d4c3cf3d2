import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { reachTrouble, type Sentence, sentence } from "../model/index.ts";
import { type CertificateMemory, sameFingerprint } from "./certificate.ts";
import { type DriverError, Rejected, Unreachable } from "./errors.ts";

export interface HttpRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** What is asked, for messages: no secrets. */
  what: string;
  /** Milliseconds for this request, when it may take longer than others. */
  timeLimit?: number;
}
export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface HttpOptions {
  router: string;
  /** Milliseconds from the first byte out to the last byte in, by the real clock: a router that hangs stands outside any other. */
  timeLimit: number;
  /** Bytes an answer may have. */
  sizeLimit: number;
  /** One kept connection, or a new one for each request. */
  keepAlive: boolean;
  /** SHA-256 of the one certificate to accept ("AA:BB:..."), for self-signed ones. */
  certificate?: string | undefined;
  /** Without `certificate`: accept the one of the first use, and no other after it. */
  firstUse?: Pick<CertificateMemory, "trusts">;
}

/** Bounded requests to one router: no redirects, no retries but of a connection the router had already closed. */
export class HttpTransport {
  readonly #options: HttpOptions;
  readonly #plain: HttpAgent;
  readonly #secure: HttpsAgent;
  /** We decide about certificates, not the authorities this machine trusts. */
  readonly #pinned: boolean;
  /** Kept connections whose certificate was seen. */
  readonly #known = new WeakSet<Socket>();

  constructor(options: HttpOptions) {
    this.#options = options;
    const agent = { keepAlive: options.keepAlive, maxSockets: 1 };
    this.#plain = new HttpAgent(agent);
    // A resumed TLS session shows no certificate, so with a pinned one there are none.
    this.#pinned = options.certificate !== undefined || options.firstUse !== undefined;
    this.#secure = new HttpsAgent({ ...agent, ...(this.#pinned ? { rejectUnauthorized: false, maxCachedSessions: 0 } : {}) });
  }

  /** @throws Unreachable without a complete answer in time, Rejected when it is too large or from a stranger */
  async send(url: URL, request: HttpRequest): Promise<HttpAnswer> {
    const first = await this.#attempt(url, request);
    const answer = first === "stale" ? await this.#attempt(url, request) : first;
    if (answer === "stale") throw this.#unreachable(sentence("reach-closed"), request);
    return answer;
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #attempt(url: URL, request: HttpRequest): Promise<HttpAnswer | "stale"> {
    const { timeLimit, keepAlive } = this.#options;
    const limit = request.timeLimit ?? timeLimit;
    return new Promise((resolve, reject) => {
      const secure = url.protocol === "https:";
      const pinned = secure && this.#pinned;
      const sent = (secure ? httpsRequest : httpRequest)(url, {
        method: request.method ?? "GET",
        agent: secure ? this.#secure : this.#plain,
        headers: {
          ...request.headers,
          ...(request.body === undefined ? {} : { "content-length": String(Buffer.byteLength(request.body)) }),
          ...(keepAlive ? {} : { connection: "close" }),
        },
      });
      const fail = (error: DriverError) => {
        clearTimeout(timer);
        reject(error);
        sent.destroy();
      };
      const timer = setTimeout(() => fail(this.#unreachable(sentence("reach-late", { seconds: limit / 1000 }), request)), limit);
      sent.on("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        if (sent.reusedSocket && error.code === "ECONNRESET") resolve("stale");
        else reject(this.#unreachable(reason(error, limit), request, error));
      });
      sent.on("socket", (socket) => {
        if (!pinned) return;
        const check = () => {
          const stranger = this.#stranger(socket as TLSSocket, request);
          if (stranger) return fail(stranger);
          this.#known.add(socket);
          // Nothing is sent before the certificate is known.
          sent.end(request.body);
        };
        if (this.#known.has(socket)) sent.end(request.body);
        else socket.once("secureConnect", check);
      });
      sent.on("response", (response) => {
        this.#read(response, request).then(
          (answer) => {
            clearTimeout(timer);
            resolve(answer);
          },
          (error: DriverError) => fail(error),
        );
      });
      if (!pinned) sent.end(request.body);
    });
  }

  async #read(response: IncomingMessage, request: HttpRequest): Promise<HttpAnswer> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > this.#options.sizeLimit)
          throw new Rejected(`the answer is larger than ${this.#options.sizeLimit} bytes`, this.#where(request));
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof Rejected ? error : this.#unreachable(sentence("reach-cut"), request, error);
    }
    return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString("utf8") };
  }

  #stranger(socket: TLSSocket, request: HttpRequest): DriverError | undefined {
    const { certificate, firstUse } = this.#options;
    const seen = socket.getPeerCertificate().fingerprint256 ?? "";
    if (certificate === undefined ? firstUse!.trusts(seen, socket.authorized) : sameFingerprint(seen, certificate)) return undefined;
    const known =
      certificate === undefined
        ? "before; if it was renewed, put the new fingerprint into `certificate`, or delete certificate.json in the router's data folder"
        : "the one that was agreed on";
    return new Rejected(`the router shows another certificate than ${known}; it is ${seen || "missing"}`, this.#where(request));
  }

  #where = (request: HttpRequest) => ({ router: this.#options.router, request: request.what });
  #unreachable = (message: string | Sentence, request: HttpRequest, cause?: unknown) =>
    new Unreachable(message, { ...this.#where(request), ...(cause === undefined ? {} : { cause }) });
}

/** Whoever looks after a router vouches for its certificate themselves. */
const selfSigned = new Set(["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"]);
const reason = (error: NodeJS.ErrnoException, limit: number): Sentence =>
  selfSigned.has(error.code ?? "") ? sentence("reach-fingerprint") : reachTrouble(error, limit);

/** The value of an answer that must be JSON. @throws Rejected that shows nothing of the text */
export function parseJsonAnswer(text: string, where: { router: string; request: string }): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const start = text.trimStart();
    const seen =
      start === ""
        ? "nothing"
        : start.startsWith("<")
          ? "a web page"
          : /^[[{]/.test(start)
            ? "JSON that ends too early or is damaged"
            : "something else";
    throw new Rejected(`expected JSON but got ${seen}`, where, { retryable: true });
  }
}
