import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RouterTime } from "../shared/time.ts";

export interface Account {
  username: string;
  password: string;
  /** May change the site. */
  admin: boolean;
  /** Wants a second factor, as accounts of the maker's cloud do. */
  mfa: boolean;
}

/** Successful and failed logins a minute. */
const limit = 5;
const lockedFor = 300_000;

/** Logins of a console: a cookie, a token against forged requests that changes, and a limit that counts every login. */
export class Sessions {
  readonly account: Account;
  readonly #time: RouterTime;
  readonly #open = new Map<string, { csrf: string; previous: string | undefined }>();
  #recent: number[] = [];
  #lockedUntil = Number.NEGATIVE_INFINITY;
  logins = 0;
  refused = 0;

  constructor(account: Account, time: RouterTime) {
    this.account = account;
    this.#time = time;
  }

  /** Every token against forged requests becomes another one, without a word. */
  changeTokens(): void {
    for (const session of this.#open.values()) session.csrf = randomBytes(8).toString("hex");
  }

  forgetAll(): void {
    this.#open.clear();
  }

  /** The answer to a login: a status with a code, or a session. */
  login(body: { username?: unknown; password?: unknown }): { status: number; code: string } | { token: string; csrf: string } {
    const now = this.#time.now();
    this.#recent = [...this.#recent.filter((at) => at > now - 60_000), now];
    if (this.#recent.length > limit) this.#lockedUntil = now + lockedFor;
    if (now < this.#lockedUntil) return { status: 429, code: "AUTHENTICATION_FAILED_LIMIT_REACHED" };
    if (body.username !== this.account.username || body.password !== this.account.password) {
      this.refused++;
      return { status: 403, code: "AUTHENTICATION_FAILED_INVALID_CREDENTIALS" };
    }
    if (this.account.mfa) return { status: 499, code: "MFA_AUTH_REQUIRED" };
    const csrf = randomBytes(8).toString("hex");
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = [
      part({ alg: "HS256" }),
      part({ csrfToken: csrf, jti: randomBytes(8).toString("hex") }),
      randomBytes(16).toString("base64url"),
    ].join(".");
    this.#open.set(token, { csrf, previous: undefined });
    this.logins++;
    return { token, csrf };
  }

  /** Undefined when the request may pass; else why not. */
  check(request: IncomingMessage, cookie: string): string | undefined {
    const session = this.#open.get(cookieOf(request, cookie) ?? "");
    if (!session) return "api.err.LoginRequired";
    if (request.method !== "GET" && request.headers["x-csrf-token"] !== session.csrf) return "Invalid CSRF Token";
    return undefined;
  }

  /** Gives the session another token; the old one is good for nothing from then on. */
  rotate(request: IncomingMessage, cookie: string): string | undefined {
    const session = this.#open.get(cookieOf(request, cookie) ?? "");
    if (!session) return undefined;
    session.csrf = randomBytes(8).toString("hex");
    return session.csrf;
  }
}

const cookieOf = (request: IncomingMessage, name: string): string | undefined =>
  String(request.headers.cookie ?? "")
    .split("; ")
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
