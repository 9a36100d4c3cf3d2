import {
  AuthFailed,
  CertificateMemory,
  type DriverContext,
  type HttpAnswer,
  HttpTransport,
  PermissionMissing,
  parseJsonAnswer,
  Rejected,
  Unreachable,
  Unsupported,
} from "@network-personas/engine/driver";
import { sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { BackOff } from "../shared/back-off.ts";
import { unexpectedStatus } from "../shared/http-status.ts";
import type { Settings } from "./settings.ts";
import type { Row } from "./values.ts";

const largestAnswer = 16 * 1024 * 1024;

/** Values are texts; a firmware that answers numbers one day shall not stop us. */
const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const RowSchema = z.record(z.string(), Value);
const Problem = z.object({ error: z.number(), message: z.string().optional(), detail: z.string().optional() });

type Method = "GET" | "PUT" | "PATCH" | "POST" | "DELETE";
type Where = { router: string; request: string };

/** The REST API of one router: Basic authentication with every request, one connection, nothing that waits for events. */
export class Rest {
  readonly #settings: Settings;
  readonly #router: string;
  readonly #base: URL;
  readonly #http: HttpTransport;
  readonly #backOff: BackOff;
  readonly #authorization: string;
  #refused = false;

  constructor(settings: Settings, context: Pick<DriverContext, "router" | "clock" | "dataDir">) {
    this.#settings = settings;
    this.#router = context.router;
    this.#base = new URL("/rest/", settings.url);
    // A request that hangs makes all others of this user wait on the router, too.
    this.#backOff = new BackOff(context.clock, { first: 1_000, longest: 60_000 });
    this.#authorization = `Basic ${Buffer.from(`${settings.username}:${settings.password}`).toString("base64")}`;
    this.#http = new HttpTransport({
      router: context.router,
      timeLimit: settings.requestTimeout,
      sizeLimit: largestAnswer,
      keepAlive: true,
      ...(settings.certificate === undefined
        ? { firstUse: new CertificateMemory(context.dataDir) }
        : { certificate: settings.certificate }),
    });
  }

  close(): void {
    this.#http.close();
  }

  /** Objects of a menu, with the named properties only. @throws Unsupported when this RouterOS has no such menu */
  async list(menu: string, props: readonly string[], filter: Row = {}): Promise<Row[]> {
    const answer = await this.#json("GET", `${menu}?${query(props, filter)}`, menu);
    return this.#parse(z.array(RowSchema), answer, { router: this.#router, request: menu });
  }

  /** The same, or undefined when this RouterOS has no such menu. */
  async listIfAny(menu: string, props: readonly string[], filter: Row = {}): Promise<Row[] | undefined> {
    return this.list(menu, props, filter).catch((error: unknown) => {
      if (error instanceof Unsupported) return undefined;
      throw error;
    });
  }

  /** The settings of a menu that holds one object. @throws Unsupported when this RouterOS has no such menu */
  async settingsOf(menu: string): Promise<Row> {
    return this.#parse(RowSchema, await this.#json("GET", menu, menu), { router: this.#router, request: menu });
  }

  /** @returns the object as the router made it */
  async add(menu: string, body: Row): Promise<Row> {
    const where = { router: this.#router, request: `add ${menu}` };
    return this.#parse(RowSchema, await this.#json("PUT", menu, where.request, body), where);
  }

  async set(menu: string, id: string, body: Row): Promise<void> {
    await this.#json("PATCH", `${menu}/${id}`, `set ${menu}`, body);
  }

  /** Whoever is gone already is gone. */
  async remove(menu: string, id: string): Promise<void> {
    const request = `remove ${menu}`;
    const answer = await this.#send("DELETE", `${menu}/${id}`, request);
    if (answer.status === 404 || isOk(answer)) return;
    throw this.#problem(answer, { router: this.#router, request }, "DELETE");
  }

  async #json(method: Method, path: string, request: string, body?: Row): Promise<unknown> {
    const answer = await this.#send(method, path, request, body);
    const where = { router: this.#router, request };
    if (!isOk(answer)) throw this.#problem(answer, where, method);
    if (answer.text === "" && method !== "GET") return {};
    return parseJsonAnswer(legible(answer.text), where);
  }

  async #send(method: Method, path: string, what: string, body?: Row): Promise<HttpAnswer> {
    const where = { router: this.#router, request: what };
    if (this.#refused) throw this.#authFailed(where);
    const wait = this.#backOff.waitFor();
    if (wait > 0) throw new Unreachable(sentence("login-silent", { seconds: Math.ceil(wait / 1000) }), where);
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send(new URL(path, this.#base), {
        method,
        what,
        headers: {
          authorization: this.#authorization,
          // Exactly so: older versions refuse a charset.
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (error instanceof Unreachable) this.#backOff.refused();
      throw error;
    }
    this.#backOff.served();
    if (answer.status === 401) {
      this.#refused = true;
      throw this.#authFailed(where);
    }
    return answer;
  }

  #authFailed(where: Where): AuthFailed {
    return new AuthFailed(sentence("login-wrong-here", { account: this.#settings.username }), where);
  }

  #problem(answer: HttpAnswer, where: Where, method: Method): Error {
    const problem = this.#problemOf(answer.text);
    if (!problem) {
      if (answer.status === 404)
        return new Unsupported("rest-api", "there is no REST API at this address; it needs RouterOS 7.9 or newer", where);
      return unexpectedStatus(answer, this.#base, where);
    }
    const said = problem.detail ?? problem.message ?? "";
    if (answer.status === 403 || /not enough permissions/.test(said)) {
      const right = method === "GET" ? "read" : "write";
      return new PermissionMissing(right, `the user "${this.#settings.username}" lacks a right, probably the policy "${right}"`, where);
    }
    if (method === "GET" && (answer.status === 404 || /no such (command|directory)/.test(said)))
      return new Unsupported(where.request, "this RouterOS does not have it", where);
    return new Rejected(`the router refused it: ${this.#shown(said)}`, where, { retryable: answer.status >= 500 });
  }

  #problemOf(text: string): z.infer<typeof Problem> | undefined {
    try {
      return Problem.safeParse(JSON.parse(legible(text))).data;
    } catch {
      return undefined;
    }
  }

  /** Nothing of a strange answer but plain words, and no secret that it may repeat. */
  #shown(text: string): string {
    return (
      text
        .replaceAll(this.#settings.password, "…")
        .replace(/[^\w .:,()*/='"-]/g, "")
        .slice(0, 160) || "without a reason"
    );
  }

  #parse<T>(schema: z.ZodType<T>, value: unknown, where: Where): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new Rejected("the answer is not one of RouterOS", where, { retryable: true });
  }
}

const isOk = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/** Texts of the router may hold raw control characters, which JSON does not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const legible = (text: string): string => text.replace(/[\u0000-\u001f]/g, " ");

function query(props: readonly string[], filter: Row): string {
  const parts = Object.entries(filter).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return [...parts, `.proplist=${props.join(",")}`].join("&");
}
