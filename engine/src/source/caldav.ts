import { Worker } from "node:worker_threads";
import { type Sentence, sentence } from "../model/sentence.ts";
import type { AccountChange, CalDavLogin, KnownCollection } from "./caldav-sync.ts";
import { CalendarError, type CalendarErrorCode, placeOf } from "./errors.ts";
import { answerWithin, type CalendarCopy, type CalendarFetcher, type Fetched } from "./port.ts";

export interface CalDavTask {
  login: CalDavLogin;
  known: readonly KnownCollection[];
  /** Further hosts of conference links. */
  conferenceHosts: readonly string[];
}
export type CalDavReply =
  | { change: AccountChange }
  | { error: { code: CalendarErrorCode; said: Sentence } & Pick<CalendarError, "lasting" | "retryAfter"> };

/** Where each object stands in the copy's text. */
interface HeldObject {
  href: string;
  etag: string;
  start: number;
  end: number;
}
interface CalDavState {
  collections: (Omit<KnownCollection, "etags"> & { objects: HeldObject[] })[];
  owners: readonly string[];
}

/** The calendars of a CalDAV account, or the one at the address. */
export function caldavFetcher(login: CalDavLogin, conferenceHosts: readonly string[] = []): CalendarFetcher {
  return {
    address: `${login.username} ${login.url}`,
    owners: (state) => (state as CalDavState | undefined)?.owners ?? [],
    cheap: false,
    isReduced: true,
    async fetch(previous: CalendarCopy | undefined, signal: AbortSignal): Promise<Fetched> {
      const before = previous?.state as CalDavState | undefined;
      const known = (before?.collections ?? []).map(
        ({ objects, ...rest }): KnownCollection => ({ ...rest, etags: Object.fromEntries(objects.map((o) => [o.href, o.etag])) }),
      );
      const change = await syncInWorker({ login, known, conferenceHosts }, signal);
      return merge(change, before, previous?.text ?? "");
    },
  };
}

function merge(change: AccountChange, before: CalDavState | undefined, oldText: string): Fetched {
  let text = "";
  const collections = change.collections.map(({ url, name, ctag, syncToken, changed, kept }) => {
    const old = new Map(before?.collections.find((c) => c.url === url)?.objects.map((o) => [o.href, o]));
    const objects = new Map<string, HeldObject>();
    const add = (href: string, etag: string, ics: string): void => {
      objects.set(href, { href, etag, start: text.length, end: text.length + ics.length });
      text += ics;
    };
    const fresh = new Map(changed.map((o) => [o.href, o]));
    for (const href of kept) {
      const held = old.get(href);
      if (held && !fresh.has(href)) add(href, held.etag, oldText.slice(held.start, held.end));
    }
    for (const { href, etag, ics } of fresh.values()) add(href, etag, named(ics, name));
    return { url, name, ctag, syncToken, objects: [...objects.values()] };
  });
  // An account without a single event is a calendar all the same.
  if (text === "") text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
  const state: CalDavState = { collections, owners: change.owners };
  return text === oldText ? { unchanged: true, state } : { text, state };
}

/** An object with the name of its collection, as a feed would carry it. */
function named(ics: string, name: string): string {
  const whole = ics.endsWith("\n") ? ics : `${ics}\r\n`;
  if (name === "") return whole;
  const escaped = name.replace(/[\\;,]/g, "\\$&").replace(/\s+/g, " ");
  return whole.replace(/^\s*BEGIN:VCALENDAR[ \t]*\r?\n/i, (begin) => `${begin}X-WR-CALNAME:${escaped}\r\n`);
}

/** The answers are large XML; parsing them would hold up the main thread. */
function syncInWorker(task: CalDavTask, signal: AbortSignal): Promise<AccountChange> {
  return new Promise((resolve, reject) => {
    const url = new URL(import.meta.url.endsWith(".ts") ? "./caldav-worker.ts" : "./caldav-worker.js", import.meta.url);
    const worker = new Worker(url, {
      workerData: task,
      ...(url.pathname.endsWith(".ts") ? { execArgv: ["--conditions=np-source"] } : {}),
    });
    const place = placeOf(task.login.url);
    const failed = (said: Sentence, cause?: unknown) => new CalendarError("calendar-unreachable", said, { lasting: false, place, cause });
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      void worker.terminate();
      finish();
    };
    const abort = (): void => end(() => reject(signal.reason));
    const timer = setTimeout(
      () => end(() => reject(failed(sentence("calendar-slow", { seconds: answerWithin.caldav / 1000 })))),
      answerWithin.caldav,
    );
    signal.addEventListener("abort", abort, { once: true });
    worker.once("message", (reply: CalDavReply) => {
      if ("change" in reply) return end(() => resolve(reply.change));
      const { code, said, ...options } = reply.error;
      end(() => reject(new CalendarError(code, said, { ...options, place })));
    });
    worker.once("error", (cause) => end(() => reject(failed(sentence("calendar-failed"), cause))));
  });
}
