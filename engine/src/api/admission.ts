import { BlockList, isIP } from "node:net";
import type { Clock } from "../driver/port.ts";
import { PersonasError } from "../model/index.ts";
import { FailedAttempts } from "./attempts.ts";
import { TooManyAttempts } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { Tokens } from "./tokens.ts";

/** What of a request decides whether it is let in. Header names in lower case. */
export interface Knock {
  remoteAddress: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface AdmissionConfig {
  /** The address or name we listen on. */
  host: string;
  loopbackWithoutToken: boolean;
  /** Further names we are called by, e.g. behind a reverse proxy. */
  allowedHosts?: readonly string[] | undefined;
  /** Further origins whose pages may ask, e.g. "https://dashboard.example". */
  allowedOrigins?: readonly string[] | undefined;
}

const forbidden = (message: string) => new PersonasError("forbidden", message);
const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(", ") : value);
/** Addresses that mean "every interface". */
export const wildcardHosts = ["0.0.0.0", "::"];
const isLoopback = (address: string) => /^127\.|^::1$|^::ffff:127\./.test(address);
const forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Name or address of a Host header, without port and brackets, in lower case; undefined when it is malformed. */
export function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header.trim());
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, "");
}

/**
 * Whether a name or address is one that only a home's own network can give: a private address, or a name that public DNS never answers
 * for. No rebound name is among them, and behind a container's or a router's forwarding the machine does not know them as its own.
 */
export function belongsToAHome(name: string): boolean {
  if (isIP(name) !== 0) return privateAddresses.check(name, isIP(name) === 6 ? "ipv6" : "ipv4");
  return !name.includes(".") || homeDomains.some((domain) => name.endsWith(`.${domain}`));
}
/** RFC 6762, RFC 8375, reserved or never delegated by ICANN, and what FRITZ!Boxes call their network. */
const homeDomains = ["local", "home.arpa", "internal", "lan", "home", "localdomain", "fritz.box"];
const privateAddresses = new BlockList();
for (const [address, bits, family] of [
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
] as const)
  privateAddresses.addSubnet(address, bits, family);

/**
 * Who is asking, or why nobody is let in. Host and Origin are checked for everybody, so that neither a rebound DNS name nor a page
 * of another site can use what a browser on the home's network can reach.
 */
export class Admission {
  readonly #config: AdmissionConfig;
  readonly #tokens: Tokens;
  readonly #ownNames: () => readonly string[];
  readonly #attempts: FailedAttempts;
  /** `ownNames`: names and addresses of this machine, asked each time since interfaces come and go. */
  constructor(config: AdmissionConfig, tokens: Tokens, clock: Pick<Clock, "now">, ownNames: () => readonly string[]) {
    this.#config = config;
    this.#tokens = tokens;
    this.#ownNames = ownNames;
    this.#attempts = new FailedAttempts(clock);
  }

  /** @throws PersonasError `forbidden` for a foreign Host or Origin */
  checkOrigin(knock: Knock): void {
    const header = single(knock.headers.host) ?? "";
    const name = hostName(header);
    const { host, allowedHosts = [], allowedOrigins = [] } = this.#config;
    const ours =
      name !== undefined &&
      !wildcardHosts.includes(name) &&
      (name === "localhost" ||
        (isIP(name) !== 0 && isLoopback(name)) ||
        name === host.toLowerCase() ||
        belongsToAHome(name) ||
        [...allowedHosts, ...this.#ownNames()].some((n) => n.toLowerCase() === name));
    if (!ours)
      throw forbidden(
        `we are not called "${header.slice(0, 100)}" here; use the machine's address, or list the name in api.allowedHosts of home.yaml`,
      );
    const origin = single(knock.headers.origin);
    if (origin !== undefined) {
      const sameSite =
        URL.canParse(origin) &&
        new URL(origin).host !== "" &&
        new URL(origin).host === new URL(`${new URL(origin).protocol}//${header}`).host;
      if (!sameSite && !allowedOrigins.includes(origin))
        throw forbidden(`pages of ${origin.slice(0, 100)} may not ask here; list it in api.allowedOrigins of home.yaml if they should`);
    } else if (
      ["cross-site", "same-site"].includes(single(knock.headers["sec-fetch-site"]) ?? "") &&
      single(knock.headers["sec-fetch-mode"]) !== "navigate"
    ) {
      throw forbidden("pages of other sites may not ask here");
    }
  }

  /**
   * The principal, or undefined for somebody without a token.
   * @throws PersonasError `unauthenticated` for a token that is not valid, `too-many-attempts` after ten of them in a minute
   */
  async authenticate(knock: Knock, token: string | undefined): Promise<Principal | undefined> {
    if (token === undefined) return this.#trustsLoopback(knock) ? { kind: "loopback", name: "loopback", scopes: ["admin"] } : undefined;
    const key = `${knock.remoteAddress} ${(await this.#tokens.claimedId(token)) ?? ""}`;
    const wait = this.#attempts.waitFor(key);
    if (wait > 0) throw new TooManyAttempts(knock.remoteAddress, wait);
    const principal = await this.#tokens.verify(token);
    if (principal) return principal;
    this.#attempts.failed(key);
    throw new PersonasError(
      "unauthenticated",
      "this token is not valid here: it is mistyped, withdrawn, expired or of another home; network-personas token list shows the valid ones",
    );
  }

  /** A proxy on this machine makes strangers look local, so what it forwards needs a token. */
  #trustsLoopback({ remoteAddress, headers }: Knock): boolean {
    return this.#config.loopbackWithoutToken && isLoopback(remoteAddress) && forwarded.every((name) => headers[name] === undefined);
  }
}

/**
 * The token of an Authorization header; undefined when there is none.
 * @throws PersonasError `unauthenticated` for another scheme
 */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const match = /^Bearer +(\S+)$/i.exec(authorization.trim());
  if (!match) throw new PersonasError("unauthenticated", "expected the header Authorization: Bearer <token>");
  return match[1];
}
