import { parentPort, workerData } from "node:worker_threads";
import { reduceText } from "../calendar/reduce.ts";
import { sentence } from "../model/sentence.ts";
import type { CalDavReply, CalDavTask } from "./caldav.ts";
import { type AccountChange, syncAccount } from "./caldav-sync.ts";
import { CalendarError } from "./errors.ts";

const { login, known, conferenceHosts } = workerData as CalDavTask;

/** Objects without descriptions and other people's addresses. Nothing else is kept of them, in memory or on disk. */
function reduced(change: AccountChange): AccountChange {
  const collections = change.collections.map((collection) => ({
    ...collection,
    changed: collection.changed.map(({ ics, ...object }) => ({
      ...object,
      ics: reduceText({ ics, owners: [...change.owners, collection.name], conferenceHosts }),
    })),
  }));
  return { ...change, collections };
}

async function run(): Promise<CalDavReply> {
  try {
    return { change: reduced(await syncAccount(login, known, globalThis.fetch)) };
  } catch (error) {
    if (!(error instanceof CalendarError))
      return { error: { code: "calendar-unreachable", said: sentence("calendar-failed"), lasting: false, retryAfter: undefined } };
    const { code, said, lasting, retryAfter } = error;
    return { error: { code, said, lasting, retryAfter } };
  }
}

parentPort!.postMessage(await run());
