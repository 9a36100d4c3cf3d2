import { createHash, randomBytes } from "node:crypto";

/** What a server asks for (RFC 7616). */
export interface Challenge {
  realm: string;
  nonce: string;
  qop: boolean;
  opaque: string | undefined;
  algorithm: "MD5" | "SHA-256";
  /** It is the nonce that is refused, and not the password. */
  stale: boolean;
}

/** The digest challenge of a WWW-Authenticate header; undefined when there is none we can answer. */
export function parseChallenge(header: string | readonly string[] | undefined): Challenge | undefined {
  const text = (Array.isArray(header) ? header : [header ?? ""]).find((one) => /^\s*digest\s/i.test(one));
  if (!text) return undefined;
  const fields = new Map<string, string>();
  for (const [, key, quoted, bare] of text.replace(/^\s*digest\s+/i, "").matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi))
    fields.set(key!.toLowerCase(), quoted ?? bare ?? "");
  const [realm, nonce] = [fields.get("realm"), fields.get("nonce")];
  const algorithm = (fields.get("algorithm") ?? "MD5").toUpperCase();
  if (realm === undefined || !nonce || (algorithm !== "MD5" && algorithm !== "SHA-256")) return undefined;
  const qops = fields
    .get("qop")
    ?.split(",")
    .map((one) => one.trim());
  if (qops && !qops.includes("auth")) return undefined;
  return {
    realm,
    nonce,
    qop: qops !== undefined,
    opaque: fields.get("opaque"),
    algorithm,
    stale: /^true$/i.test(fields.get("stale") ?? ""),
  };
}

/** The Authorization header that answers a challenge. `count` is how often its nonce was used, this time included. */
export function answerChallenge(
  challenge: Challenge,
  login: { username: string; password: string },
  request: { method: string; uri: string },
  count: number,
  cnonce = randomBytes(8).toString("hex"),
): string {
  const hash = (text: string) =>
    createHash(challenge.algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const { realm, nonce, opaque } = challenge;
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const secret = hash(`${login.username}:${realm}:${login.password}`);
  const what = hash(`${request.method}:${request.uri}`);
  const nc = count.toString(16).padStart(8, "0");
  const response = hash(challenge.qop ? `${secret}:${nonce}:${nc}:${cnonce}:auth:${what}` : `${secret}:${nonce}:${what}`);
  return [
    `Digest username=${quote(login.username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(request.uri)}`,
    `response="${response}"`,
    `algorithm=${challenge.algorithm}`,
    ...(challenge.qop ? ["qop=auth", `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ].join(", ");
}
