import { Worker } from "node:worker_threads";
import { PersonasError } from "../model/errors.ts";
import type { ExpandRequest, Expansion } from "./contract.ts";
import { limits } from "./limits.ts";
import type { ReduceOptions } from "./reduce.ts";

/** What the worker is asked. `read` comes along when it may not know the calendar yet; `forget` is the beginning of a key. */
export type WorkerRequest = AskIndex | AskReduced | { forget: string };
export interface AskReduced {
  id: number;
  reduce: ReduceOptions;
}
export interface AskIndex {
  id: number;
  key: string;
  from: string;
  to: string;
  read?: Omit<ExpandRequest, "from" | "to">;
}
export type WorkerReply = { id: number } & (
  | { result: Expansion | string }
  | { unknown: true }
  | { error: Pick<PersonasError, "code" | "message" | "field" | "said"> }
);

/** Reads calendars off the main thread, one at a time. */
export interface Expander {
  /**
   * Rejects with PersonasError `calendar-not-a-calendar` when the text is none and `calendar-too-slow` when it takes longer than the time
   * limit; then the worker is ended and the next request has a new one. The same text again is answered from its index.
   */
  expand(request: ExpandRequest): Promise<Expansion>;
  /** A text as it may be kept. */
  reduce(request: ReduceOptions): Promise<string>;
  /** Lets go of a text that will not be asked for again. */
  forget(ics: string): void;
  close(): Promise<void>;
}

interface Job {
  ask: { expand: ExpandRequest } | { reduce: ReduceOptions };
  resolve(result: Expansion | string): void;
  reject(error: Error): void;
}

/** A text that was read, by which the worker knows its index. Comparing a text with itself costs nothing. */
interface Known {
  text: string;
  number: number;
}

/** How long a worker waits for more to read before it gives its memory back, ms. */
const patience = 2_000;

export function createExpander(options: { timeLimit?: number; patience?: number } = {}): Expander {
  const queue: Job[] = [];
  let worker: Worker | undefined;
  let running: { job: Job; id: number; timer: NodeJS.Timeout } | undefined;
  let [requests, texts] = [0, 0];
  let known: Known[] = [];
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  const keyOf = ({ ics, from: _from, to: _to, ...rest }: ExpandRequest): { key: string; fresh: boolean } => {
    let text = known.find((k) => k.text.length === ics.length && k.text === ics);
    const fresh = text === undefined;
    text ??= { text: ics, number: ++texts };
    known = [...known.filter((k) => k !== text), text].slice(-limits.calendars);
    return { key: `${text.number} ${JSON.stringify(rest)}`, fresh };
  };

  const indexOf = (request: ExpandRequest, withText: boolean): Omit<AskIndex, "id"> => {
    const { from, to, ...read } = request;
    const { key, fresh } = keyOf(request);
    return { key, from, to, ...(withText || fresh ? { read } : {}) };
  };

  const post = (job: Job, withText: boolean): void => {
    clearTimeout(idle);
    worker ??= start();
    const timeLimit = options.timeLimit ?? limits.time;
    const id = ++requests;
    const message: WorkerRequest = "reduce" in job.ask ? { id, reduce: job.ask.reduce } : { id, ...indexOf(job.ask.expand, withText) };
    const timer = setTimeout(() => {
      drop();
      settle((j) =>
        j.reject(
          new PersonasError(
            "calendar-too-slow",
            `reading the calendar took longer than ${timeLimit / 1000} s and was stopped; it is too large or has rules that cannot be followed`,
            { responsible: "owner" },
          ),
        ),
      );
    }, timeLimit);
    running = { job, id, timer };
    worker.ref();
    worker.postMessage(message);
  };

  const start = (): Worker => {
    const url = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
    const started = new Worker(url, {
      resourceLimits: { maxOldGenerationSizeMb: limits.memory },
      ...(url.pathname.endsWith(".ts") ? { execArgv: ["--conditions=np-source"] } : {}),
    });
    started.on("message", (reply: WorkerReply) => {
      if (reply.id !== running?.id) return;
      if ("unknown" in reply) {
        const { job, timer } = running;
        clearTimeout(timer);
        post(job, true);
        return;
      }
      if ("result" in reply) settle((job) => job.resolve(reply.result));
      else {
        const { code, message, ...rest } = reply.error;
        settle((job) => job.reject(new PersonasError(code, message, { responsible: "owner", ...rest })));
      }
    });
    started.on("error", (error) => {
      if (worker !== started) return;
      worker = undefined;
      settle((job) =>
        job.reject(
          new PersonasError("calendar-failed", `reading the calendar failed: ${error.message}`, { responsible: "owner", cause: error }),
        ),
      );
    });
    started.unref();
    return started;
  };

  /** The next worker knows nothing. */
  const drop = (): void => {
    void worker?.terminate();
    worker = undefined;
    known = [];
  };

  const settle = (finish: (job: Job) => void): void => {
    if (!running) return;
    const { job, timer } = running;
    clearTimeout(timer);
    running = undefined;
    worker?.unref();
    finish(job);
    next();
    if (!running) idle = setTimeout(drop, options.patience ?? patience).unref();
  };

  const next = (): void => {
    const job = running ? undefined : queue.shift();
    if (job) post(job, false);
  };

  const run = <T extends Expansion | string>(ask: Job["ask"]): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new Error("the expander is closed"));
      queue.push({ ask, resolve: (result) => resolve(result as T), reject });
      next();
    });

  return {
    expand: (request) => run<Expansion>({ expand: request }),
    reduce: (request) => run<string>({ reduce: request }),
    forget: (ics) => {
      const text = known.find((k) => k.text === ics);
      known = known.filter((k) => k !== text);
      if (text) worker?.postMessage({ forget: `${text.number} ` } satisfies WorkerRequest);
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      const ending = worker?.terminate();
      worker = undefined;
      for (const job of [...(running ? [running.job] : []), ...queue.splice(0)]) job.reject(new Error("the expander is closed"));
      if (running) clearTimeout(running.timer);
      running = undefined;
      await ending;
    },
  };
}
