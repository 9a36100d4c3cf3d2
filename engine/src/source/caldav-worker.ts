import { parentPort, workerData } from "node:worker_threads";
import type { CalDavReply } from "./caldav.ts";
import { type CalDavLogin, type KnownCollection, syncAccount } from "./caldav-sync.ts";
import { CalendarError } from "./errors.ts";

const { login, known } = workerData as { login: CalDavLogin; known: readonly KnownCollection[] };

async function run(): Promise<CalDavReply> {
  try {
    return { change: await syncAccount(login, known, globalThis.fetch) };
  } catch (error) {
    if (error instanceof CalendarError)
      return { error: { code: error.code, message: error.message, lasting: error.lasting, retryAfter: error.retryAfter } };
    return { error: { code: "calendar-unreachable", message: "the server could not be asked", lasting: false, retryAfter: undefined } };
  }
}

parentPort!.postMessage(await run());
