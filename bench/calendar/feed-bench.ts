import { Worker } from "node:worker_threads";
import { createExpander } from "../../engine/src/calendar/index.ts";
import { type FeedShape, makeFeed } from "./feed.ts";
import type { RivalResult, RivalTask } from "./rival-worker.ts";

export interface FeedBench {
  feed: { events: number; recurring: number; megabytes: number };
  rounds: number;
  /** Medians in ms. Both read the text for the first time in a fresh thread with its code loaded. */
  parseAlone: number;
  firstAnswer: number;
  nextAnswer: number;
  /** Longest time the main thread did not turn while a first answer was made, median over the rounds. */
  longestBlock: number;
  /** Processor time of the main thread for one first answer, median: no block of our own making can be longer. */
  mainThreadWork: number;
  /** The same block while nothing of ours runs: what the machine itself does. */
  idleBlock: number;
  /** Starting the worker, once per process. */
  workerStart: number;
  /** Against ICAL.parse alone on the same text in the same run. */
  firstAgainstParse: number;
  nextAgainstParse: number;
  nextAgainstFirst: number;
  occurrences: number;
  problems: readonly string[];
  rivals: readonly { reader: string; ms: number | null; occurrences: number | null; note: string }[];
}

const day = 86_400_000;
const at = Date.UTC(2026, 10, 22, 12);

export async function benchFeed(shape: FeedShape, options: { rounds: number; limit: number; rivals: boolean }): Promise<FeedBench> {
  const text = makeFeed(shape, at);
  const window = { from: new Date(at).toISOString(), to: new Date(at + day).toISOString() };
  const parses: number[] = [];
  const firsts: number[] = [];
  const nexts: number[] = [];
  const blocks: number[] = [];
  const idles: number[] = [];
  const works: number[] = [];
  const starts: number[] = [];
  let occurrences = 0;
  let problems: readonly string[] = [];
  for (let round = 0; round < options.rounds; round++) {
    parses.push((await rival({ reader: "ICAL.parse", text, ...window }, 60_000))!.ms);
    const expander = createExpander();
    const begun = performance.now();
    await expander.expand({ ics: "BEGIN:VCALENDAR\nEND:VCALENDAR\n", timeZone: "Europe/Berlin", ...window });
    starts.push(performance.now() - begun);
    const idle = watchLoop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    idles.push(idle());
    const stop = watchLoop();
    const work = process.threadCpuUsage();
    const started = performance.now();
    const first = await expander.expand({ ics: text, timeZone: "Europe/Berlin", ...window });
    firsts.push(performance.now() - started);
    blocks.push(stop());
    const { user, system } = process.threadCpuUsage(work);
    works.push((user + system) / 1000);
    occurrences = first.occurrences.length;
    problems = first.problems;
    for (let i = 1; i <= 20; i++) {
      const [from, to] = [new Date(at + i * 60_000).toISOString(), new Date(at + day + i * 60_000).toISOString()];
      const before = performance.now();
      await expander.expand({ ics: text, timeZone: "Europe/Berlin", from, to });
      nexts.push(performance.now() - before);
    }
    await expander.close();
  }
  const rivals = [];
  for (const reader of options.rivals ? (["node-ical", "ical-expander"] as const) : []) {
    const result = await rival({ reader, text, ...window }, options.limit);
    rivals.push({
      reader,
      ms: result?.ms ?? null,
      occurrences: result?.occurrences ?? null,
      note: result ? "" : `ended after ${options.limit / 1000} s`,
    });
  }
  const [parseAlone, firstAnswer, nextAnswer] = [median(parses), median(firsts), median(nexts)];
  return {
    feed: { events: shape.events, recurring: shape.recurring, megabytes: text.length / 1e6 },
    rounds: options.rounds,
    parseAlone,
    firstAnswer,
    nextAnswer,
    longestBlock: median(blocks),
    mainThreadWork: median(works),
    idleBlock: median(idles),
    workerStart: median(starts),
    firstAgainstParse: firstAnswer / parseAlone,
    nextAgainstParse: nextAnswer / parseAlone,
    nextAgainstFirst: nextAnswer / firstAnswer,
    occurrences,
    problems,
    rivals,
  };
}

/** Undefined when it did not finish within the limit. */
function rival(task: RivalTask, limit: number): Promise<RivalResult | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./rival-worker.ts", import.meta.url), {
      workerData: task,
      env: { ...process.env, TZ: "Europe/Berlin" },
    });
    const finish = (result: RivalResult | undefined): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(result);
    };
    const timer = setTimeout(() => finish(undefined), limit);
    worker.once("message", finish);
    worker.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Watches how long the loop of this thread stands still. */
function watchLoop(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return Math.max(longest, performance.now() - last - 1);
  };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
