import {
  AuthFailed,
  type DriverContext,
  type HttpAnswer,
  type HttpRequest,
  type HttpTransport,
  LockedOut,
  PermissionMissing,
  parseJsonAnswer,
  Rejected,
  Unsupported,
} from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { BackOff } from "../shared/back-off.ts";
import { retryAfter, unexpectedStatus } from "../shared/http-status.ts";
import { LoginPacer } from "../shared/login.ts";
import { transportFor } from "../shared/transport.ts";
import type { Settings } from "./settings.ts";

const largestAnswer = 16 * 1024 * 1024;
/** More than any home has of anything: a list that never ends must. */
const mostEntries = 10_000;

/** Answers of the first generation, with HTTP 200 also for errors. */
const Envelope = z.object({ meta: z.object({ rc: z.string(), msg: z.string().optional() }), data: z.array(z.unknown()).nullish() });
/** Errors of the second generation, of the console and of the official API. */
const Problem = z
  .object({ code: z.unknown(), errorCode: z.unknown(), message: z.unknown(), meta: z.object({ msg: z.unknown() }) })
  .partial();
const Page = z.object({ offset: z.number(), count: z.number(), totalCount: z.number(), data: z.array(z.unknown()) });

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One login at one UniFi console, kept and re-used, and the key of the official API beside it. */
export class UnifiApi {
  readonly #settings: Settings;
  readonly #router: string;
  readonly #base: URL;
  readonly #http: HttpTransport;
  readonly #backOff: BackOff;
  readonly #pacer: LoginPacer;
  readonly #cookies = new Map<string, string>();
  #csrf: string | undefined;
  /** Whether it is a UniFi OS console; else the Network application by itself. */
  #console: boolean | undefined;
  #loggedIn = false;
  #refused: Sentence | undefined;

  constructor(settings: Settings, context: Pick<DriverContext, "router" | "clock" | "dataDir">) {
    this.#settings = settings;
    this.#router = context.router;
    this.#base = new URL("/", settings.url);
    // Every login counts against the limit, successful ones too, and whoever insists is locked out longer.
    this.#backOff = new BackOff(context.clock, { first: 300_000, longest: 1_200_000 });
    this.#pacer = new LoginPacer(context.clock, 15_000);
    this.#http = transportFor(settings, context, { sizeLimit: largestAnswer, keepAlive: true });
  }

  close(): void {
    this.#http.close();
  }

  /** Objects of the first generation, e.g. `v1("stat/sta")`. */
  async v1(path: string): Promise<unknown[]> {
    return this.#enveloped(`${await this.#prefix()}/api/s/${this.#settings.site}/${path}`, path);
  }

  /** Sites the account may see. */
  async sites(): Promise<unknown[]> {
    return this.#enveloped(`${await this.#prefix()}/api/self/sites`, "self/sites");
  }

  /** The second generation: whatever it answers. `undefined` when there is no such thing to read, or none any more to delete. */
  async v2(method: Method, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#authorised(
      method,
      `${await this.#prefix()}/v2/api/site/${this.#settings.site}/${path}`,
      named(method, path),
      body,
    );
    if (answer.status === 404 && (method === "GET" || method === "DELETE")) return undefined;
    const where = { router: this.#router, request: named(method, path) };
    if (answer.status < 200 || answer.status > 299) throw this.#problem(answer, where);
    return answer.text.trim() === "" ? null : parseJsonAnswer(answer.text, where);
  }

  /** All entries of a list of the official API. @throws AuthFailed when the key is refused */
  async official(path: string): Promise<unknown[]> {
    const where = { router: this.#router, request: `official API ${path.replace(/[0-9a-f-]{36}/g, "…")}` };
    const entries: unknown[] = [];
    for (;;) {
      const url = `${await this.#prefix()}/integration/v1/${path}?offset=${entries.length}&limit=200`;
      const answer = await this.#send("GET", url, where.request, { headers: { "x-api-key": this.#settings.apiKey ?? "" } });
      if (answer.status === 401 || answer.status === 403) throw new AuthFailed(sentence("login-key"), where);
      if (answer.status !== 200) throw this.#problem(answer, where);
      const page = Page.safeParse(parseJsonAnswer(answer.text, where)).data;
      if (!page) throw new Rejected("the answer is not one of UniFi's", where, { retryable: true });
      entries.push(...page.data);
      if (entries.length > mostEntries) throw new Rejected(`the list has more than ${mostEntries} entries`, where);
      if (page.data.length === 0 || entries.length >= page.totalCount) return entries;
    }
  }

  async #enveloped(path: string, what: string): Promise<unknown[]> {
    const where = { router: this.#router, request: what };
    const answer = await this.#authorised("GET", path, what);
    if (answer.status !== 200) throw this.#problem(answer, where);
    const envelope = Envelope.safeParse(parseJsonAnswer(answer.text, where)).data;
    if (!envelope) throw new Rejected("the answer is not one of UniFi's", where, { retryable: true });
    if (envelope.meta.rc !== "ok") throw this.#refusal(envelope.meta.msg ?? "", where);
    return envelope.data ?? [];
  }

  /** UniFi OS shows a page at its root, the application by itself leads to /manage. */
  async #prefix(): Promise<string> {
    if (this.#console === undefined) {
      const answer = await this.#send("GET", "/", "start page");
      const classic =
        answer.status >= 300 && answer.status < 400 && /^(https?:\/\/[^/]+)?\/(manage|$)/.test(String(answer.headers.location ?? ""));
      if (answer.status !== 200 && !classic) throw unexpectedStatus(answer, this.#base, { router: this.#router, request: "start page" });
      this.#console = answer.status === 200;
    }
    return this.#console ? "/proxy/network" : "";
  }

  async #authorised(method: Method, path: string, what: string, body?: unknown): Promise<HttpAnswer> {
    if (!this.#loggedIn) await this.#login();
    const first = await this.#call(method, path, what, body);
    if (!unauthorised(first)) return first;
    // A request refused for its login was not carried out.
    this.#loggedIn = false;
    await this.#login();
    const again = await this.#call(method, path, what, body);
    if (!unauthorised(again)) return again;
    throw new Rejected("the console forgets our login at once", { router: this.#router, request: what }, { retryable: true });
  }

  #call(method: Method, path: string, what: string, body?: unknown): Promise<HttpAnswer> {
    const headers: Record<string, string> = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    if (this.#csrf !== undefined) headers["x-csrf-token"] = this.#csrf;
    if (body !== undefined) headers["content-type"] = "application/json";
    return this.#send(method, path, what, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async #login(): Promise<void> {
    const where = { router: this.#router, request: "login" };
    if (this.#refused !== undefined) throw new AuthFailed(this.#refused, where);
    const wait = this.#pacer.waitFor();
    if (wait > 0) throw new LockedOut(sentence("login-forgotten", { seconds: Math.ceil(wait / 1000) }), where);
    await this.#prefix();
    this.#cookies.clear();
    this.#csrf = undefined;
    const { username, password } = this.#settings;
    const answer = await this.#send("POST", this.#console ? "/api/auth/login" : "/api/login", "login", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password, rememberMe: true }),
    });
    const refuse = (message: Sentence): never => {
      this.#refused = message;
      throw new AuthFailed(message, where);
    };
    const code = codeOf(answer);
    if (answer.status === 499 || code.includes("2fa")) refuse(sentence("login-factor", { account: username }));
    const wrong = this.#console
      ? (answer.status === 401 || answer.status === 403) && !code.startsWith("api.err.")
      : /^api\.err\.Invalid/.test(code);
    if (wrong) refuse(sentence("login-wrong", { account: username }));
    if (answer.status !== 200 || this.#cookies.size === 0) {
      // It may have been starting up, and then its first page told us nothing.
      this.#console = undefined;
      if (answer.status !== 200) throw this.#problem(answer, where);
      parseJsonAnswer(answer.text, where);
      throw new Rejected("the answer to the login is not one of UniFi's", where, { retryable: true });
    }
    this.#pacer.loggedIn();
    this.#loggedIn = true;
  }

  async #send(method: Method, path: string, what: string, more: Pick<HttpRequest, "headers" | "body"> = {}): Promise<HttpAnswer> {
    const where = { router: this.#router, request: what };
    const wait = this.#backOff.waitFor();
    if (wait > 0) throw new LockedOut(sentence("login-alone", { seconds: Math.ceil(wait / 1000) }), where);
    const answer = await this.#http.send(new URL(path, this.#base), { method, what, ...more });
    if (answer.status === 429) {
      this.#backOff.refused(retryAfter(answer));
      throw new LockedOut(sentence("login-many"), where);
    }
    this.#backOff.served();
    this.#remember(answer);
    return answer;
  }

  /** Cookies and the token against forged requests change with any answer; some consoles tell the token inside the cookie only. */
  #remember({ headers }: HttpAnswer): void {
    for (const line of [headers["set-cookie"] ?? []].flat()) {
      const [, name, value] = /^([^=;\s]+)=([^;]*)/.exec(line) ?? [];
      if (!name) continue;
      this.#cookies.set(name, value ?? "");
      this.#csrf = csrfIn(name, value ?? "") ?? this.#csrf;
    }
    const token = headers["x-updated-csrf-token"] ?? headers["x-csrf-token"];
    if (typeof token === "string" && token !== "") this.#csrf = token;
  }

  #problem(answer: HttpAnswer, where: { router: string; request: string }): Error {
    if (answer.status === 404)
      return new Unsupported(
        where.request,
        "this UniFi Network does not have it; update it under Settings > Control Plane > Updates",
        where,
      );
    const code = codeOf(answer);
    if (answer.status === 403) return this.#refusal("api.err.NoPermission", where);
    if (code !== "") return this.#refusal(code, where, answer.status >= 500);
    return unexpectedStatus(answer, this.#base, where);
  }

  #refusal(code: string, where: { router: string; request: string }, retryable = false): Error {
    if (/NoPermission|NoSiteContext|Forbidden/i.test(code))
      return new PermissionMissing(
        siteAdmin,
        `the account "${this.#settings.username}" lacks the right "${siteAdmin}"; grant it under Admins & Users`,
        where,
      );
    if (/^api\.err\.LoginRequired/.test(code)) this.#loggedIn = false;
    const known = /^[\w.-]{1,80}$/.test(code) ? code : "an error it does not name";
    return new Rejected(`the console refused it with ${known}`, where, { retryable });
  }
}

/** The role writing needs, in the words of the console. */
export const siteAdmin = "Network: Site Admin";

const named = (method: string, path: string): string => `${method} ${path.replace(/\/[0-9a-f]{24}$/, "/…")}`;

/** The code of an error in any of UniFi's shapes; "" when there is none. */
function codeOf({ text }: HttpAnswer): string {
  try {
    const problem = Problem.safeParse(JSON.parse(text)).data;
    const said = [problem?.meta?.msg, problem?.code, problem?.errorCode, problem?.message];
    return said.find((one): one is string => typeof one === "string" && (one !== problem?.message || one.startsWith("api.err."))) ?? "";
  } catch {
    return "";
  }
}

/** Refused for the login, or for the token against forged requests, which UniFi OS tells by a status of missing rights. */
const unauthorised = ({ status, text }: HttpAnswer): boolean => status === 401 || (status === 403 && /csrf/i.test(text.slice(0, 1_000)));

/** The token against forged requests in a cookie: by itself, or in the login's JSON Web Token. */
function csrfIn(name: string, value: string): string | undefined {
  if (name === "csrf_token") return value || undefined;
  const [, payload, signature] = value.split(".");
  if (name !== "TOKEN" || !payload || !signature) return undefined;
  try {
    return Claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))).data?.csrfToken;
  } catch {
    return undefined;
  }
}
const Claims = z.object({ csrfToken: z.string().regex(/^[\x21-\x7e]{1,200}$/) });
