import {
  AuthFailed,
  type Clock,
  type DriverContext,
  type DriverError,
  type HttpAnswer,
  type HttpTransport,
  LockedOut,
  Rejected,
  Unreachable,
  Unsupported,
} from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { BackOff } from "../shared/back-off.ts";
import { unexpectedStatus } from "../shared/http-status.ts";
import { LoginPacer } from "../shared/login.ts";
import { transportFor } from "../shared/transport.ts";
import { decodePercent, decodeVariable, type Obstacle, obstacleOf, readAnswer, readLenient } from "./answer.ts";
import { directorList, type Nvram } from "./nvram.ts";
import type { Settings } from "./settings.ts";

const largestAnswer = 4 * 1024 * 1024;
/** ASUSWRT answers JSON to its own app only, which it knows by this name: platform, framework, version. */
const userAgent = "asusrouter-NetworkPersonas-DUTUtil-1.0";

/** Waits before a question is asked again whose connection ended, ms. */
const retries = [0, 2_000, 2_000, 3_000, 3_000];
/** Errors that say we have to log in anew. */
const forgotten: ReadonlySet<number> = new Set([1, 2, 8]);
type Where = { router: string; request: string };

/** One login at one ASUS router, kept and re-used. */
export class AsusApi {
  readonly #settings: Settings;
  readonly #router: string;
  readonly #base: URL;
  readonly #http: HttpTransport;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #pacer: LoginPacer;
  #token: string | undefined;
  /** Why the router does not let us in, until the settings change. */
  #refused: Sentence | undefined;
  /** Whether the last login was taken is not known. */
  #unanswered = false;
  /** Firmware before 384 takes changes as a form only. */
  #byForm = false;
  #closed = false;

  constructor(settings: Settings, context: Pick<DriverContext, "router" | "clock" | "dataDir">) {
    this.#settings = settings;
    this.#router = context.router;
    this.#base = new URL("/", settings.url);
    this.#clock = context.clock;
    this.#backOff = new BackOff(context.clock, { first: 60_000, longest: 900_000 });
    // Somebody else who logs in ends our login: whoever insists throws him out in turn.
    this.#pacer = new LoginPacer(context.clock, 30_000);
    // The router ends every connection after one answer.
    this.#http = transportFor(settings, context, { sizeLimit: largestAnswer, keepAlive: false });
  }

  /** Host name or address the router is reached at. */
  get host(): string {
    return this.#base.hostname;
  }
  get encrypted(): boolean {
    return this.#base.protocol === "https:";
  }

  /** Ends the login, so that its owner can log in at once, and the connections. Never fails. */
  async close(): Promise<void> {
    const token = this.#token;
    this.#token = undefined;
    this.#closed = true;
    if (token !== undefined)
      await this.#http
        .send(new URL("Logout.asp", this.#base), { what: "log out", headers: this.#headers(token), timeLimit: 1_000 })
        .catch(() => {});
    this.#http.close();
  }

  /**
   * Values of variables, asked for at once. The list of VPN Director is a file that has a hook of its own; it is left out where the firmware
   * does not show it.
   * @throws Rejected when one is missing or is no text
   */
  async variables(names: readonly string[]): Promise<Nvram> {
    const where = { router: this.#router, request: "nvram_get" };
    const shown = await this.hooks(
      names.map((name) => (name === directorList ? `nvram_char_to_ascii(,${name})` : `nvram_get(${name})`)),
      where.request,
    );
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = shown[name] === null ? "" : shown[name];
        if (name === directorList && value === undefined) return [];
        const decode = name === directorList ? decodePercent : decodeVariable;
        const text = typeof value === "string" || typeof value === "number" ? decode(String(value)) : undefined;
        if (text === undefined)
          throw new Rejected(name in shown ? `the variable ${name} is not text in UTF-8` : `the answer lacks the variable ${name}`, where, {
            retryable: true,
          });
        return [[name, text]];
      }),
    );
  }

  /** What hooks show, e.g. `hooks(["get_clientlist()"], "clients")`, by their names. One the firmware does not have shows nothing. */
  async hooks(calls: readonly string[], what: string): Promise<Record<string, unknown>> {
    const ask = () => this.#authorised("POST", "appGet.cgi", what, { body: `hook=${calls.join(";")}` });
    let answer: HttpAnswer | undefined;
    for (const wait of [...retries, undefined]) {
      try {
        answer = await ask();
        break;
      } catch (error) {
        // Connections end for no reason now and then, and its web server is away when services restart; reading twice does no harm.
        if (!endedUnanswered(error) || error.request === "login" || wait === undefined || this.#closed) throw error;
        await this.#clock.sleep(wait);
      }
    }
    return objectOf(readAnswer(answer!.text, { router: this.#router, request: what }));
  }

  /** Devices as older firmware shows them, in a script. */
  async clientScript(): Promise<unknown> {
    const { text } = await this.#authorised("GET", "update_clients.asp", "update_clients.asp");
    const start = /fromNetworkmapd\s*:\s*(?=\[)/.exec(text);
    return start ? readLenient(text.slice(start.index + start[0].length)) : undefined;
  }

  /** Asks the router to look again who is here; it answers at once. */
  async refreshClients(): Promise<void> {
    // Firmware before 384 looks by itself.
    const order = JSON.stringify({ action_mode: "update_client_list" });
    await this.#authorised("POST", "applyapp.cgi", "update_client_list", { body: order, mayLack: true });
  }

  /** Sets variables all at once and has services restarted; seconds that takes. @throws Rejected when the router does not say that it does so */
  async apply(values: Nvram, services: readonly string[]): Promise<number> {
    const service = services.join(";");
    const where = { router: this.#router, request: service };
    if (!this.#byForm) {
      const body = JSON.stringify({ action_mode: "apply", rc_service: service, ...values });
      const answer = await this.#authorised("POST", "applyapp.cgi", service, { body, mayLack: true });
      if (answer.status !== 404) {
        const said = objectOf(readAnswer(answer.text, where));
        if (said.run_service !== service)
          throw new Rejected("the router does not say that it carries the change out", where, { retryable: true });
        return secondsOf(said.restart_needed_time);
      }
      this.#byForm = true;
    }
    const form = new URLSearchParams({
      current_page: "",
      next_page: "",
      modified: "0",
      action_mode: "apply",
      action_wait: "5",
      action_script: service,
      ...values,
    });
    const { text } = await this.#authorised("POST", "start_apply.htm", service, { body: form.toString() });
    if (!/(done_committing|no_changes_and_no_committing)\(\)/.test(text))
      throw new Rejected("the router does not say that it carries the change out", where, { retryable: true });
    return secondsOf(/restart_needed_time\((\d+)\)/.exec(text)?.[1]);
  }

  /** Asks with our login, and once more with a new one when the router has forgotten it: what it refused so was not carried out. */
  async #authorised(
    method: "GET" | "POST",
    path: string,
    what: string,
    { body, mayLack = false, again = true }: { body?: string; mayLack?: boolean; again?: boolean } = {},
  ): Promise<HttpAnswer> {
    const where = { router: this.#router, request: what };
    const token = this.#token ?? (await this.#login());
    const answer = await this.#exchange(method, path, what, this.#headers(token), body);
    const obstacle = obstacleOf(answer.text);
    if (obstacle && forgotten.has(obstacle.code)) {
      this.#token = undefined;
      if (!again) throw new Rejected("the router forgets our login at once", where, { retryable: true });
      return this.#authorised(method, path, what, { ...(body === undefined ? {} : { body }), mayLack, again: false });
    }
    if (obstacle) throw this.#refusal(obstacle, where);
    if (answer.status === 404 && !mayLack) throw new Unsupported(path, `this firmware has no ${path}; update it`, where);
    if (answer.status !== 200 && answer.status !== 404) throw this.#unexpected(answer, path, where);
    return answer;
  }

  async #login(): Promise<string> {
    const where = { router: this.#router, request: "login" };
    if (this.#refused !== undefined) throw new AuthFailed(this.#refused, where);
    const wait = this.#pacer.waitFor();
    if (wait > 0)
      throw new LockedOut(sentence(this.#unanswered ? "login-open" : "login-others", { seconds: Math.ceil(wait / 1000) }), where);
    const answer = await this.#sendLogin();
    const obstacle = obstacleOf(answer.text);
    if (obstacle) throw this.#refusal(obstacle, where);
    if (answer.status !== 200) throw this.#unexpected(answer, "login.cgi", where);
    const token = objectOf(readAnswer(answer.text, where)).asus_token;
    if (typeof token !== "string" || !/^[\x21-\x3a\x3c-\x7e]{4,200}$/.test(token))
      throw new Rejected("the answer to the login is not one of ASUSWRT's", where, { retryable: true });
    this.#pacer.loggedIn();
    this.#backOff.served();
    this.#token = token;
    return token;
  }

  /** Sends one login, never twice: one that was not answered may have been taken, and the next throws out who is in by then. */
  async #sendLogin(): Promise<HttpAnswer> {
    const { username, password } = this.#settings;
    const secret = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
    try {
      const answer = await this.#exchange(
        "POST",
        "login.cgi",
        "login",
        this.#headers(),
        `login_authorization=${encodeURIComponent(secret)}`,
      );
      this.#unanswered = false;
      return answer;
    } catch (error) {
      this.#unanswered = endedUnanswered(error) || silent(error);
      if (this.#unanswered) this.#pacer.unanswered();
      throw error;
    }
  }

  async #exchange(method: "GET" | "POST", path: string, what: string, headers: Record<string, string>, body?: string): Promise<HttpAnswer> {
    if (this.#closed) throw new Rejected("we are shutting down", { router: this.#router, request: what }, { retryable: true });
    const wait = this.#backOff.waitFor();
    if (wait > 0)
      throw new LockedOut(sentence("login-alone", { seconds: Math.ceil(wait / 1000) }), { router: this.#router, request: what });
    return this.#http.send(new URL(path, this.#base), { method, what, headers, ...(body === undefined ? {} : { body }) });
  }

  #headers(token?: string): Record<string, string> {
    return {
      "user-agent": userAgent,
      "content-type": "application/x-www-form-urlencoded",
      ...(token === undefined ? {} : { cookie: `asus_token=${token}` }),
    };
  }

  /** What an obstacle means, and what is remembered of it. */
  #refusal({ code, lockedFor }: Obstacle, where: Where): DriverError {
    const refuse = (message: Sentence): DriverError => {
      this.#refused = message;
      return new AuthFailed(message, where);
    };
    switch (code) {
      case 3:
        return refuse(sentence("login-wrong", { account: this.#settings.username }));
      case 7:
        this.#backOff.refused(lockedFor * 1000);
        return new LockedOut(lockedFor > 0 ? sentence("login-guesses", { seconds: lockedFor }) : sentence("login-many"), where);
      case 9:
        this.#backOff.refused();
        return new LockedOut(sentence("login-other"), where);
      case 10:
        return refuse(sentence("login-captcha"));
      case 11:
        return refuse(sentence("login-change"));
      case 4:
      case 5:
      case 6:
        return new Rejected(sentence("login-name"), where);
      default:
        return new Rejected(`the router refused it with error ${code}`, where, { retryable: code < 100 });
    }
  }

  #unexpected(answer: HttpAnswer, path: string, where: Where): Rejected {
    // A router that wants https says so in the page, not in the header.
    const to = answer.headers.location === undefined ? /url=(https:\/\/[^/"'\s>]+)/i.exec(answer.text.slice(0, 2_048))?.[1] : undefined;
    if (to !== undefined && URL.canParse(to)) return new Rejected(sentence("login-https", { url: new URL(to).origin }), where);
    return unexpectedStatus(answer, new URL(path, this.#base), where);
  }
}

const endedUnanswered = (error: unknown): error is Unreachable =>
  error instanceof Unreachable && (error.said?.key === "reach-closed" || error.said?.key === "reach-cut");
const silent = (error: unknown): boolean => error instanceof Unreachable && error.said?.key === "reach-late";

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Usual time of a change where the router does not tell it. */
const usual = 5;
const secondsOf = (said: unknown): number => {
  const seconds = Number(said ?? usual);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 60) : usual;
};
