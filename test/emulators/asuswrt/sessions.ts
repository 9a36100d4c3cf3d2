import { randomBytes } from "node:crypto";
import type { RouterTime } from "../shared/time.ts";

/** Error numbers as ASUSWRT has them. */
export const errors = { noToken: 1, expired: 2, credentials: 3, locked: 7, loggedOut: 8, another: 9, captcha: 10 } as const;

export interface Account {
  username: string;
  password: string;
}
export interface Refusal {
  error: number;
  lockedFor?: number;
}

/** Wrong passwords until nobody is let in, and for how long. */
const tries = 5;
const lockTime = 300_000;
const idleTime = 30 * 60_000;

/** One administrator at a time: tokens, wrong passwords that are counted, and a captcha where it is on. */
export class Sessions {
  readonly account: Account;
  readonly #time: RouterTime;
  #token: { value: string; used: number } | undefined;
  #lockedUntil = Number.NEGATIVE_INFINITY;
  /** Wrong passwords since the last right one, and logins that were let in. */
  wrong = 0;
  logins = 0;
  logouts = 0;
  /** Wants a captcha after that many wrong passwords. */
  captchaAfter = Number.POSITIVE_INFINITY;
  /** Somebody is in the web interface. */
  human = false;
  /** Whether a login while somebody else is in throws him out, or is refused. */
  second: "throws out" | "is refused" = "throws out";

  constructor(account: Account, time: RouterTime) {
    this.account = account;
    this.#time = time;
  }

  login(body: string): { token: string } | Refusal {
    if (this.#time.now() < this.#lockedUntil)
      return { error: errors.locked, lockedFor: Math.ceil((this.#lockedUntil - this.#time.now()) / 1000) };
    if (this.wrong >= this.captchaAfter) return { error: errors.captcha };
    const given = new URLSearchParams(body).get("login_authorization") ?? "";
    if (Buffer.from(given, "base64").toString("utf8") !== `${this.account.username}:${this.account.password}`) {
      if (++this.wrong >= tries) this.#lockedUntil = this.#time.now() + lockTime;
      return { error: errors.credentials };
    }
    if (this.human && this.second === "is refused") return { error: errors.another };
    this.human = false;
    this.wrong = 0;
    this.logins++;
    this.#token = { value: randomBytes(16).toString("hex").slice(0, 31), used: this.#time.now() };
    return { token: this.#token.value };
  }

  /** A person logs in at the web interface, which ends every other login. */
  humanLogin(): void {
    this.human = true;
    this.#token = undefined;
  }

  forget(): void {
    this.#token = undefined;
  }

  logout(): void {
    this.logouts++;
    this.#token = undefined;
  }

  /** Why a request is not carried out, if so. */
  check(cookie: string | undefined): number | undefined {
    const given = /(?:^|;\s*)asus_token=([^;]*)/.exec(cookie ?? "")?.[1];
    if (given === undefined) return errors.noToken;
    const now = this.#time.now();
    if (this.#token?.value !== given || now - this.#token.used > idleTime) return errors.expired;
    this.#token.used = now;
    return undefined;
  }
}
