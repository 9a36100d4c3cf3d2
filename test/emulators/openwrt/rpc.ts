import type { Answer, Method } from "./objects.ts";
import type { OpenWrtRouter } from "./router.ts";
import { allows, matches } from "./sessions.ts";
import { status } from "./status.ts";

const anonymous = "0".repeat(32);
const messages: Record<number, string> = {
  [-32700]: "Parse error",
  [-32601]: "Method not found",
  [-32602]: "Invalid parameters",
  [-32000]: "Object not found",
  [-32002]: "Access denied",
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** uci methods that change something. */
const writing = new Set(["set", "add", "delete", "rename", "order", "revert", "commit", "apply", "confirm", "rollback"]);

/** A call as tests see and spoil it: "uci.apply". */
export interface SeenCall {
  object: string;
  method: string;
  args: Record<string, unknown>;
}
/** What a test does to a call: answer in its place, or undefined to let it through. */
export type Spoiler = (call: SeenCall) => Answer | undefined;

/** JSON-RPC over ubus, as uhttpd-mod-ubus speaks it. */
export class Rpc {
  readonly calls: SeenCall[] = [];
  spoil: Spoiler | undefined;
  /** Whether the connection is to end after a call that was carried out. */
  afterCall: ((call: SeenCall) => boolean) | undefined;
  #cut = false;
  readonly #router: OpenWrtRouter;
  readonly #objects: () => Record<string, Record<string, Method>>;

  constructor(router: OpenWrtRouter, objects: () => Record<string, Record<string, Method>>) {
    this.#router = router;
    this.#objects = objects;
  }

  /** True once after such a call. */
  cutNow(): boolean {
    const cut = this.#cut;
    this.#cut = false;
    return cut;
  }

  /** The answer to a request body; status is 200 whatever it says. */
  async answer(body: string): Promise<unknown> {
    let request: Json;
    try {
      request = JSON.parse(body) as Json;
    } catch {
      return failure(null, -32700);
    }
    if (!Array.isArray(request)) return this.#one(request);
    const answers: unknown[] = [];
    // One after the other: a batch may set and then get.
    for (const each of request) answers.push(await this.#one(each));
    return answers;
  }

  async #one(request: Json): Promise<unknown> {
    if (!isObject(request)) return failure(null, -32700);
    const id = (request.id ?? null) as Json;
    if (request.jsonrpc !== "2.0" || typeof request.method !== "string") return failure(id, -32700);
    if (request.method === "list") return { jsonrpc: "2.0", id, result: this.#list(request.params) };
    if (request.method !== "call") return failure(id, -32601);
    if (!Array.isArray(request.params) || request.params.length < 4) return failure(id, -32700);
    const [token, object, method, args] = request.params;
    if (typeof token !== "string" || typeof object !== "string" || typeof method !== "string" || !isObject(args))
      return failure(id, -32700);
    if ("ubus_rpc_session" in args) return failure(id, -32602);
    const result = await this.#call(token, { object, method, args });
    return typeof result === "number"
      ? failure(id, result)
      : { jsonrpc: "2.0", id, result: result[1] === undefined ? [result[0]] : result };
  }

  /** The answer of ubus, or the JSON-RPC error it never gets to. */
  async #call(token: string, call: SeenCall): Promise<Answer | number> {
    const { object, method, args } = call;
    this.calls.push(call);
    const methods = this.#objects()[object];
    if (!methods) return -32000;
    if (object === "session" && method === "login") return this.spoil?.(call) ?? this.#login(args);
    const session = token === anonymous ? undefined : this.#router.sessions.use(token);
    // One answer for everything: no session, dead session, no right, no such method.
    if (!session || !allows(session.acls, "ubus", object, method)) return -32002;
    const spoiled = this.spoil?.(call);
    if (spoiled) return spoiled;
    const run = methods[method];
    if (!run) return [status.methodNotFound];
    if ((object === "uci" && writing.has(method)) || (object === "rc" && method === "init")) this.#router.countWrite();
    const answer = await run({ session, args });
    this.#cut ||= this.afterCall?.(call) ?? false;
    return answer;
  }

  #login(args: Record<string, unknown>): Answer {
    const { username, password, timeout } = args;
    if (typeof username !== "string" || typeof password !== "string") return [status.invalidArgument];
    const session = this.#router.sessions.login(
      username,
      password,
      typeof timeout === "number" ? timeout : 300,
      this.#router.uci.pendingToken,
    );
    if (!session) return [status.permissionDenied];
    return [
      status.ok,
      {
        ubus_rpc_session: session.token,
        timeout: session.timeout,
        expires: session.timeout,
        acls: session.acls,
        data: { username: session.username },
      },
    ];
  }

  #list(params: unknown): unknown {
    const objects = this.#objects();
    if (params === undefined) return Object.keys(objects).sort();
    const patterns = Array.isArray(params) ? params.filter((p) => typeof p === "string") : [];
    const found = Object.keys(objects).filter((name) => patterns.some((pattern) => matches(pattern, name)));
    return Object.fromEntries(found.map((name) => [name, Object.fromEntries(Object.keys(objects[name]!).map((method) => [method, {}]))]));
  }
}

const failure = (id: unknown, code: number) => ({ jsonrpc: "2.0", id, error: { code, message: messages[code] } });
