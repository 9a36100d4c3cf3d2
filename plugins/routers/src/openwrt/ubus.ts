import {
  AuthFailed,
  type DriverContext,
  type HttpAnswer,
  type HttpTransport,
  type Log,
  PermissionMissing,
  parseJsonAnswer,
  Rejected,
  Unreachable,
  Unsupported,
} from "@network-personas/engine/driver";
import { sentence } from "@network-personas/engine/model";
import { unexpectedStatus } from "../shared/http-status.ts";
import { LoginPacer } from "../shared/login.ts";
import { transportFor } from "../shared/transport.ts";
import { endpointOf, type Settings } from "./settings.ts";

export interface UbusCall {
  object: string;
  method: string;
  args?: Record<string, unknown>;
}
/** What ubus said: its status (or one of the two that JSON-RPC says in its place) and the payload, when there is one. */
export interface Reply {
  status: number;
  data: unknown;
}

/** Codes of ubus, and of JSON-RPC where a call never reached it. */
export const ubusStatus = {
  ok: 0,
  invalidArgument: 2,
  notFound: 4,
  noData: 5,
  permissionDenied: 6,
  timeout: 7,
  tooLarge: 8,
  objectMissing: -32_000,
  accessDenied: -32_002,
  noAnswer: -32_003,
} as const;

const anonymous = "0".repeat(32);
/** uhttpd refuses request bodies above 64 KiB. */
const largestBody = 60_000;
const largestAnswer = 4 * 1024 * 1024;

interface RpcAnswer {
  id?: unknown;
  result?: unknown;
  error?: { code?: unknown };
}
interface Batching {
  /** A lost login also lost what was staged with it: fail instead of logging in again. */
  keepLogin?: boolean;
  timeLimit?: number;
}

/** One login at one router, kept and re-used; calls go out one batch after the other. */
export class Ubus {
  readonly #settings: Settings;
  readonly #router: string;
  readonly #http: HttpTransport;
  readonly #url: URL;
  readonly #log: Log;
  readonly #pacer: LoginPacer;
  #login: string | undefined;
  #refused = false;
  /** Calls that a fresh login was refused too. */
  readonly #withoutRight = new Set<string>();
  #lastId = 0;

  constructor(settings: Settings, context: Pick<DriverContext, "router" | "clock" | "log" | "dataDir">) {
    this.#settings = settings;
    this.#router = context.router;
    this.#log = context.log;
    this.#url = endpointOf(settings);
    this.#pacer = new LoginPacer(context.clock);
    // Kept plain connections are answered 40 ms later (delayed acknowledgement); a handshake costs more than that.
    this.#http = transportFor(settings, context, { sizeLimit: largestAnswer, keepAlive: this.#url.protocol === "https:" });
  }

  close(): void {
    this.#http.close();
  }

  /** Changes with every login: what was staged under another number is gone. */
  get loginNumber(): number {
    return this.#pacer.logins;
  }

  /** One call whose status must be 0. */
  async call(object: string, method: string, args: Record<string, unknown> = {}, options: Batching = {}): Promise<unknown> {
    const [reply] = await this.batch([{ object, method, args }], options);
    return this.expectOk({ object, method, args }, reply!);
  }

  /** Calls in order, their replies in the same order. Only what concerns the whole batch rejects. */
  async batch(calls: readonly UbusCall[], options: Batching = {}): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (const chunk of chunks(calls)) replies.push(...(await this.#chunk(chunk, options)));
    return replies;
  }

  /** Names of objects like the pattern; needs no login. */
  async objects(pattern: string): Promise<string[]> {
    const id = ++this.#lastId;
    const answer = await this.#exchange({ jsonrpc: "2.0", id, method: "list", params: [pattern] }, `list ${pattern}`, {});
    const { result } = this.#matching(answer, id, `list ${pattern}`);
    return typeof result === "object" && result !== null ? Object.keys(result) : [];
  }

  /** The payload of a reply that is ok, else the error it means. */
  expectOk(call: UbusCall, reply: Reply): unknown {
    if (reply.status === ubusStatus.ok) return reply.data;
    throw this.#errorOf(call, reply);
  }

  #errorOf({ object, method, args }: UbusCall, { status }: Reply): Error {
    const config = typeof args?.config === "string" ? ` ${args.config}` : "";
    const where = { router: this.#router, request: `${object} ${method}${config}` };
    switch (status) {
      case ubusStatus.accessDenied:
        return new PermissionMissing(
          `ubus ${object} ${method}`,
          `the account "${this.#settings.username}" may not call it; install the ACL file that comes with the driver`,
          where,
        );
      case ubusStatus.permissionDenied:
        return new PermissionMissing(
          object === "uci" ? `uci${config} ${method === "get" ? "read" : "write"}` : `${object} ${method}`,
          `the account "${this.#settings.username}" lacks the right; install the ACL file that comes with the driver`,
          where,
        );
      case ubusStatus.objectMissing:
        return new Unsupported(object, `the router has no "${object}"; a package may be missing`, where);
      case ubusStatus.noAnswer:
      case ubusStatus.timeout:
        return new Unreachable("the router did not finish it in time", where);
      default:
        return new Rejected(`the router answered status ${status}`, where);
    }
  }

  async #chunk(calls: readonly UbusCall[], options: Batching): Promise<Reply[]> {
    const token = await this.#token(options);
    const replies = await this.#send(token, calls, options);
    const denied = replies.flatMap((reply, i) => (reply.status === ubusStatus.accessDenied ? [i] : []));
    const unexplained = denied.find((i) => !this.#withoutRight.has(nameOf(calls[i]!)));
    if (unexplained === undefined) return replies;
    // Whatever was answered after it was answered to a living login.
    const alive = replies.slice(unexplained).some((reply) => reply.status >= 0);
    if (alive || !(await this.#isDead(token, calls[unexplained]!))) return replies;
    // Dead: once more with a new login, and then it is the right that is missing.
    this.#login = undefined;
    if (options.keepLogin)
      throw new Rejected("the router forgot our login in the middle of a change; nothing of it was applied", this.#where(calls[0]!), {
        retryable: true,
      });
    this.#log.debug(`${this.#router}: the login has ended; logging in again`);
    const again = await this.#send(
      await this.#token(options),
      denied.map((i) => calls[i]!),
      options,
    );
    denied.forEach((i, at) => {
      replies[i] = again[at]!;
      if (again[at]!.status === ubusStatus.accessDenied) this.#withoutRight.add(nameOf(calls[i]!));
    });
    return replies;
  }

  /** Whether "access denied" means that the login is gone: only session.access can tell. */
  async #isDead(token: string, call: UbusCall): Promise<boolean> {
    const question = { object: "session", method: "access", args: { scope: "ubus", object: call.object, function: call.method } };
    const [answer] = await this.#send(token, [question], {});
    return answer!.status === ubusStatus.accessDenied;
  }

  async #token(options: Batching): Promise<string> {
    if (this.#login) return this.#login;
    const { username, password } = this.#settings;
    const where = { router: this.#router, request: "session login" };
    const refused = () => new AuthFailed(sentence("login-wrong", { account: username }), where);
    if (this.#refused) throw refused();
    const wait = this.#pacer.waitFor();
    if (wait > 0) throw new Unreachable(sentence("login-forgotten", { seconds: Math.ceil(wait / 1000) }), where);
    const [reply] = await this.#send(
      anonymous,
      [{ object: "session", method: "login", args: { username, password, timeout: 300 } }],
      options,
    );
    if (reply!.status === ubusStatus.permissionDenied) {
      this.#refused = true;
      throw refused();
    }
    if (reply!.status === ubusStatus.objectMissing)
      throw new Unsupported("session", "nobody there who could log us in; is rpcd running?", where);
    const token = (reply!.data as { ubus_rpc_session?: unknown } | undefined)?.ubus_rpc_session;
    if (reply!.status !== ubusStatus.ok || typeof token !== "string")
      throw new Rejected("the answer to the login is not one of OpenWrt's", where);
    this.#pacer.loggedIn();
    this.#login = token;
    return token;
  }

  async #send(token: string, calls: readonly UbusCall[], options: Batching): Promise<Reply[]> {
    const first = this.#lastId + 1;
    const requests = calls.map(({ object, method, args }) => ({
      jsonrpc: "2.0",
      id: ++this.#lastId,
      method: "call",
      params: [token, object, method, args ?? {}],
    }));
    const what = this.#where(calls[0]!).request + (calls.length > 1 ? ` and ${calls.length - 1} more` : "");
    const answer = await this.#exchange(requests.length === 1 ? requests[0] : requests, what, options);
    const answers = requests.length === 1 ? [answer] : answer;
    if (!Array.isArray(answers) || answers.length !== calls.length) throw this.#strange("the answer does not fit the question", what);
    return answers.map((one, i) => this.#reply(this.#matching(one, first + i, what), what));
  }

  async #exchange(body: unknown, what: string, options: Batching): Promise<unknown> {
    const answer = await this.#http.send(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      what,
      ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit }),
    });
    this.#checkStatus(answer, what);
    return parseJsonAnswer(answer.text, { router: this.#router, request: what });
  }

  #checkStatus(answer: HttpAnswer, what: string): void {
    const where = { router: this.#router, request: what };
    if (answer.status === 200) return;
    if (answer.status !== 404) throw unexpectedStatus(answer, this.#url, where);
    throw new Unsupported(
      "ubus over HTTP",
      `there is nothing at ${this.#url.pathname}; install uhttpd-mod-ubus, or correct the path in \`url\``,
      where,
    );
  }

  #matching(answer: unknown, id: number, what: string): RpcAnswer {
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw this.#strange("the answer is not JSON-RPC", what);
    const { id: seen, error } = answer as RpcAnswer;
    if (seen === null && error?.code === -32_700) throw this.#strange("the router could not read our request", what);
    if (seen !== id) throw this.#strange("the answer belongs to another question", what);
    return answer as RpcAnswer;
  }

  #reply({ result, error }: RpcAnswer, what: string): Reply {
    if (Array.isArray(result) && typeof result[0] === "number") return { status: result[0], data: result[1] };
    const code = error?.code;
    if (code === ubusStatus.accessDenied || code === ubusStatus.objectMissing || code === ubusStatus.noAnswer)
      return { status: code, data: undefined };
    throw this.#strange(
      typeof code === "number" ? `the router refused the request with JSON-RPC error ${code}` : "the answer is not JSON-RPC",
      what,
    );
  }

  #strange = (message: string, what: string) => new Rejected(message, { router: this.#router, request: what }, { retryable: true });
  #where = (call: UbusCall) => ({ router: this.#router, request: nameOf(call) });
}

const nameOf = (call: UbusCall): string => `${call.object} ${call.method}`;

/** Calls in as few batches as fit into a request. */
function* chunks(calls: readonly UbusCall[]): Generator<UbusCall[]> {
  let chunk: UbusCall[] = [];
  let size = 0;
  for (const call of calls) {
    const length = Buffer.byteLength(JSON.stringify(call)) + 120;
    if (chunk.length > 0 && size + length > largestBody) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(call);
    size += length;
  }
  if (chunk.length > 0) yield chunk;
}
