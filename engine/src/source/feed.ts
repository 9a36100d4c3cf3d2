import { createHash } from "node:crypto";
import { limits } from "../calendar/limits.ts";
import { CalendarError, statusError, tooLarge, unreachable } from "./errors.ts";
import { answerWithin, type CalendarCopy, type CalendarFetcher, type Fetched } from "./port.ts";
import { decodeText } from "./text.ts";

interface FeedState {
  etag?: string | undefined;
  modified?: string | undefined;
  hash: string;
}

/** A calendar published at an http(s):// or webcal:// address. */
export function feedFetcher(address: string, fetch: typeof globalThis.fetch): CalendarFetcher {
  const url = new URL(address.trim().replace(/^webcals?:/i, "https:"));
  const authorization = url.username
    ? `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`
    : undefined;
  url.username = "";
  url.password = "";
  return {
    address,
    owners: () => ownersIn(url),
    cheap: false,
    async fetch(previous: CalendarCopy | undefined, signal: AbortSignal): Promise<Fetched> {
      const before = previous?.state as FeedState | undefined;
      const headers = new Headers({ accept: "text/calendar, text/plain;q=0.5, */*;q=0.1" });
      if (authorization) headers.set("authorization", authorization);
      if (before?.etag) headers.set("if-none-match", before.etag);
      if (before?.modified) headers.set("if-modified-since", before.modified);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(answerWithin.feed)]);
      try {
        const response = await fetch(url, { headers, redirect: "follow", signal: limit });
        if (response.status === 304 && before) {
          await response.body?.cancel();
          return { unchanged: true, state: before };
        }
        const refused = statusError(response.status, retryAfter(response));
        if (refused) {
          await response.body?.cancel();
          throw refused;
        }
        const { chunks, hash } = await readBody(response);
        const state: FeedState = {
          etag: response.headers.get("etag") ?? undefined,
          modified: response.headers.get("last-modified") ?? undefined,
          hash,
        };
        if (before?.hash === hash) return { unchanged: true, state };
        const charset = /charset\s*=\s*"?([\w-]+)/i.exec(response.headers.get("content-type") ?? "")?.[1];
        return { text: decodeText(chunks, charset), state };
      } catch (error) {
        if (error instanceof CalendarError) throw error;
        signal.throwIfAborted();
        throw unreachable(error, address, answerWithin.feed);
      }
    },
  };
}

/** Reads a body up to the limit, hashing it as it comes. */
async function readBody(response: Response): Promise<{ chunks: Uint8Array[]; hash: string }> {
  const chunks: Uint8Array[] = [];
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limits.text) throw tooLarge(limits.text);
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { chunks, hash: hash.digest("hex") };
}

function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  const seconds = Number(value);
  return value && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Google's addresses name the owner: .../ical/alice%40example.com/private-.../basic.ics */
function ownersIn(url: URL): string[] {
  const owner = /\/ical\/([^/]+)\//.exec(url.pathname)?.[1];
  const address = owner?.replace("%40", "@");
  return address?.includes("@") && !address.includes("group.calendar") ? [address] : [];
}
