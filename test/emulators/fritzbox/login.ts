import { createHash, randomBytes } from "node:crypto";
import type { RouterTime } from "../shared/time.ts";
import type { Right } from "./services.ts";

export interface Account {
  username: string;
  password: string;
  rights: readonly Right[];
}

const realm = "F!Box SOAP-Auth";
/** A nonce is good for this long after it was handed out. */
const nonceLife = 5 * 60_000;
/** Unanswered challenges within a minute that look like an attack. */
const tooMany = 12;

/** Digest login as FRITZ!OS does it: nonces end, counts must rise, and each wrong password doubles the wait of everybody. */
export class Login {
  readonly accounts: Account[];
  readonly #time: RouterTime;
  readonly #nonces = new Map<string, { until: number; count: number }>();
  #unanswered: number[] = [];
  #blockedUntil = Number.NEGATIVE_INFINITY;
  /** Wrong passwords since the last right one, challenges handed out. */
  wrong = 0;
  challenges = 0;

  constructor(accounts: Account[], time: RouterTime) {
    this.accounts = accounts;
    this.#time = time;
  }

  /** Seconds for which nobody is let in. */
  get blockedFor(): number {
    return Math.max(0, Math.ceil((this.#blockedUntil - this.#time.now()) / 1000));
  }

  /** Every nonce becomes unknown, as after a restart. */
  forgetNonces(): void {
    this.#nonces.clear();
  }

  check(header: string | undefined, request: { method: string; uri: string }): Account | "challenge" | "wrong" | "busy" {
    if (this.blockedFor > 0) return "busy";
    if (header === undefined) {
      const now = this.#time.now();
      this.#unanswered = [...this.#unanswered.filter((at) => at > now - 60_000), now];
      return this.#unanswered.length > tooMany ? "busy" : "challenge";
    }
    const fields = new Map(
      [...header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(
        (m) => [m[1]!, (m[2] ?? m[3]!).replace(/\\(.)/g, "$1")] as const,
      ),
    );
    const nonce = this.#nonces.get(fields.get("nonce") ?? "");
    if (!nonce || nonce.until < this.#time.now()) return "challenge";
    const count = Number.parseInt(fields.get("nc") ?? "", 16);
    if (!/^[0-9a-f]{8}$/.test(fields.get("nc") ?? "") || count <= nonce.count) return "challenge";
    if (fields.get("uri") !== request.uri || fields.get("realm") !== realm || fields.get("qop") !== "auth" || !fields.get("cnonce"))
      return this.#refuse();
    const account = this.accounts.find((one) => one.username === fields.get("username"));
    const md5 = (text: string) => createHash("md5").update(text).digest("hex");
    const expected = md5(
      `${md5(`${account?.username}:${realm}:${account?.password}`)}:${fields.get("nonce")}:${fields.get("nc")}:${fields.get("cnonce")}:auth:${md5(`${request.method}:${request.uri}`)}`,
    );
    if (!account || fields.get("response") !== expected) return this.#refuse();
    nonce.count = count;
    this.#unanswered = [];
    this.wrong = 0;
    return account;
  }

  #refuse(): "wrong" {
    this.wrong++;
    this.#blockedUntil = this.#time.now() + 2 ** this.wrong * 1000;
    return "wrong";
  }

  challenge(): string {
    this.challenges++;
    const nonce = randomBytes(8).toString("hex").toUpperCase();
    this.#nonces.set(nonce, { until: this.#time.now() + nonceLife, count: 0 });
    return `Digest realm="${realm}",nonce="${nonce}",algorithm=MD5,qop="auth"`;
  }
}
