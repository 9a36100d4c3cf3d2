import { type Sentence, sentence } from "./sentence.ts";
import type { reachEnglish } from "./sentences-reach.ts";

/** What the codes of Node's network errors mean. */
const meanings: Readonly<Record<string, keyof typeof reachEnglish>> = {
  ECONNREFUSED: "reach-refused",
  BAD_PORT: "reach-port",
  ENOTFOUND: "reach-name",
  EAI_AGAIN: "reach-lookup",
  EHOSTUNREACH: "reach-way",
  ENETUNREACH: "reach-way",
  EADDRNOTAVAIL: "reach-way",
  ECONNRESET: "reach-closed",
  EPIPE: "reach-closed",
  UND_ERR_SOCKET: "reach-closed",
  EPROTO: "reach-not-secure",
  ERR_SSL_WRONG_VERSION_NUMBER: "reach-not-secure",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "reach-not-secure",
  CERT_HAS_EXPIRED: "reach-expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "reach-authority",
  SELF_SIGNED_CERT_IN_CHAIN: "reach-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "reach-authority",
  UNABLE_TO_GET_ISSUER_CERT: "reach-authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "reach-authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "reach-certificate",
};
const late = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/**
 * Why a connection failed, by the codes of a network error and of what caused it. Nothing of its message is passed on: it may hold the address.
 * `limit`: how long was waited, in ms.
 */
export function reachTrouble(error: unknown, limit: number): Sentence {
  const codes = codesOf(error);
  const code = codes.find((c) => late.has(c) || Object.hasOwn(meanings, c)) ?? codes[0] ?? "?";
  if (late.has(code)) return sentence("reach-late", { seconds: limit / 1000 });
  return sentence(meanings[code] ?? "reach-failed", { code });
}

/** The deepest first: `fetch` itself only says that it failed. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as NodeJS.ErrnoException;
  // These two have no code of their own.
  const own = error.message === "bad port" ? "BAD_PORT" : error.name === "TimeoutError" ? "ETIMEDOUT" : code;
  return [...codesOf(error.cause), ...(typeof own === "string" ? [own] : [])];
}
