import { parentPort } from "node:worker_threads";
import { PersonasError } from "../model/errors.ts";
import { type CalendarIndex, indexCalendar, queryIndex } from "./expand.ts";
import type { AskIndex, AskReduced, WorkerReply, WorkerRequest } from "./expander-worker.ts";
import { reduceText } from "./reduce.ts";

/** Indexes of the calendars asked for last, oldest first. They go when their texts grow beyond this many characters together. */
const held = new Map<string, CalendarIndex>();
const holdCharacters = 60_000_000;

function answer(request: AskIndex | AskReduced): WorkerReply {
  const { id } = request;
  try {
    if ("reduce" in request) return { id, result: reduceText(request.reduce) };
    const { key, from, to, read } = request;
    let index = held.get(key);
    if (!index && !read) return { id, unknown: true };
    index ??= indexCalendar(read!);
    held.delete(key);
    held.set(key, index);
    let total = [...held.values()].reduce((sum, { text }) => sum + text.length, 0);
    for (const [oldest, { text }] of held) {
      if (total <= holdCharacters || oldest === key) break;
      held.delete(oldest);
      total -= text.length;
    }
    return { id, result: queryIndex(index, from, to) };
  } catch (error) {
    if (!(error instanceof PersonasError))
      return {
        id,
        error: { code: "calendar-failed", message: `reading the calendar failed: ${String(error)}`, field: undefined, said: undefined },
      };
    const { code, message, field, said } = error;
    return { id, error: { code, message, field, said } };
  }
}
parentPort!.on("message", (request: WorkerRequest) => {
  if ("id" in request) parentPort!.postMessage(answer(request));
  else for (const key of held.keys()) if (key.startsWith(request.forget)) held.delete(key);
});
