import { parseJsonAnswer } from "@network-personas/engine/driver";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Where = { router: string; request: string };

const deepest = 32;

/**
 * Reads what ASUSWRT calls JSON: with a byte order mark, stray commas, keys without a value, control characters and escapes that JSON
 * has not. Of a key that comes twice the last value counts.
 * @throws Rejected that shows nothing of the text
 */
export function readAnswer(text: string, where: Where): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return readLenient(text) ?? (parseJsonAnswer(text, where) as Json);
  }
}

/** The value at the beginning of a text, whatever follows; undefined where there is none. */
export function readLenient(text: string): Json | undefined {
  let at = 0;
  const blank = () => {
    while (at < text.length && (text.charCodeAt(at) <= 0x20 || text[at] === "\ufeff")) at++;
  };
  const separators = () => {
    for (blank(); text[at] === ","; at++, blank());
  };
  const fail = (): never => {
    throw new SyntaxError("not what ASUSWRT calls JSON");
  };
  const string = (): string => {
    let value = "";
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length) fail();
      if (text[at] !== "\\") value += text.charCodeAt(at) < 0x20 ? "" : text[at];
      else if (text[++at] === "u" && /^[0-9a-f]{4}/i.test(text.slice(at + 1))) {
        value += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16));
        at += 4;
      } else value += escapes[text[at] ?? ""] ?? text[at] ?? "";
    }
    at++;
    return value;
  };
  const members = (depth: number): Json => {
    const object: { [key: string]: Json } = Object.create(null);
    at++;
    for (separators(); text[at] !== "}"; separators()) {
      if (text[at] !== '"') fail();
      const key = string();
      blank();
      if (text[at++] !== ":") fail();
      blank();
      object[key] = text[at] === "," || text[at] === "}" ? null : value(depth + 1);
    }
    at++;
    return { ...object };
  };
  const entries = (depth: number): Json => {
    const list: Json[] = [];
    at++;
    for (separators(); text[at] !== "]"; separators()) list.push(value(depth + 1));
    at++;
    return list;
  };
  const value = (depth: number): Json => {
    if (depth > deepest) fail();
    blank();
    if (text[at] === "{") return members(depth);
    if (text[at] === "[") return entries(depth);
    if (text[at] === '"') return string();
    const [word] = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at, at + 40)) ?? fail();
    at += word.length;
    return JSON.parse(word) as Json;
  };
  try {
    return value(0);
  } catch {
    return undefined;
  }
}
const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/**
 * Text of a variable as `nvram_get` shows it: bytes that mean something in HTML are written `&#60` without an end, so that a digit behind
 * them belongs to the text unless three of them make a byte.
 * @returns undefined when it is no UTF-8, which could not be carried over as it is
 */
export function decodeVariable(shown: string): string | undefined {
  const parts: Buffer[] = [];
  const pattern = /&#(-(?:1[01]\d|12[0-8]|\d\d?)|1\d\d|2[0-4]\d|25[0-5]|\d\d?)/g;
  let from = 0;
  for (let found = pattern.exec(shown); found; found = pattern.exec(shown)) {
    parts.push(Buffer.from(shown.slice(from, found.index), "utf8"), Buffer.of(Number(found[1]) & 0xff));
    from = pattern.lastIndex;
  }
  parts.push(Buffer.from(shown.slice(from), "utf8"));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
}

/** Text as `nvram_char_to_ascii` shows it; undefined when it is no UTF-8. */
export function decodePercent(shown: string): string | undefined {
  try {
    return decodeURIComponent(shown);
  } catch {
    return undefined;
  }
}

/** Why the router did not answer what was asked: `code` as ASUSWRT numbers it, `lockedFor` seconds. */
export interface Obstacle {
  code: number;
  lockedFor: number;
}

/** The obstacle an answer is about, in any of the shapes it comes in; undefined when the answer is about what was asked. */
export function obstacleOf(text: string): Obstacle | undefined {
  const start = text.slice(0, 4096).replace(/^[\ufeff\s]+/, "");
  const found =
    /^\{[\s,]*"error_status"\s*:\s*"?(\d{1,5})/.exec(start) ??
    /^<[\s\S]*Main_Login\.asp(?:[^"'\s]*[?&]error_status=(\d{1,5}))?/i.exec(start);
  if (!found) return undefined;
  // The rest of the time comes behind the closing brace.
  const wait = /remaining_lock_time"?\s*[:=]\s*"?(\d{1,6})|[?&]lock_time=(\d{1,6})/.exec(start);
  return { code: Number(found[1] ?? 2), lockedFor: Number(wait?.[1] ?? wait?.[2] ?? 0) };
}
