import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { openEngine, packageResolver, SqliteStore, silentLog } from "@network-personas/engine";
import { scaledTime } from "../../test/emulators/shared/time.ts";
import { type Spread, spread } from "./statistics.ts";

/** The router lives this many times faster than a real one: its seconds of reloading say nothing about us. */
const timeScale = 0.02;

/** What the router's thread says first. */
export interface RouterHello {
  url: string;
  username: string;
  password: string;
}

/** A request that reached the router. */
export interface Request {
  /** When its first byte did: the machine's monotonic clock, ns. */
  at: bigint;
  method: string;
  path: string;
  body: string;
}

const worker = (name: string, workerData: unknown) => new Worker(new URL(`${name}.worker.ts`, import.meta.url), { workerData });
const ms = (ns: bigint) => Number(ns) / 1e6;
const answerOf = async <T>(of: Worker, question?: unknown): Promise<T> => {
  if (question !== undefined) of.postMessage(question);
  return (await once(of, "message"))[0] as T;
};

export interface RouterPath {
  /** From a signal's arrival to the new plan. */
  signalToPlan: Spread;
  /** From the new plan to the first byte sent to the router. */
  planToFirstByte: Spread;
  signalToFirstByte: Spread;
  /** A whole confirmed apply. */
  apply: Spread;
  /** The same HTTP requests sent bare, one after another. */
  bare: Spread;
  /** apply / bare of the same round, median. */
  ratio: number;
  requestsPerApply: number;
}

/** Signals into a real engine that drives the OpenWrt emulator, which is no part of its thread, as a router is not. */
export async function routerPathBench(rounds: number): Promise<RouterPath> {
  const router = worker("router", timeScale);
  const { url, username, password } = await answerOf<RouterHello>(router);
  const bare = worker("bare", url);
  const dir = await mkdtemp(join(tmpdir(), "np-bench-"));
  const sample = await readFile(new URL("../../examples/sample-home/home.yaml", import.meta.url), "utf8");
  const yaml = `${sample.slice(0, sample.indexOf("routers:"))}routers:\n  - { id: main, driver: openwrt, url: "${url}", username: ${username}, password: { env: NP_BENCH_PASSWORD }, mode: live }\npolicy: { minimumDwell: PT0S }\n`;
  await writeFile(
    join(dir, "home.yaml"),
    yaml.replace(/calendars: \[[^\]]*\]/g, "calendars: []").replace(/\ncalendars:[\s\S]*?\nrouters:/, "\nrouters:"),
  );
  process.env.NP_BENCH_PASSWORD = password;
  const { engine } = await openEngine({
    home: join(dir, "home.yaml"),
    dataDir: dir,
    log: silentLog,
    clock: scaledTime(timeScale).clock,
    resolver: packageResolver(dir),
    store: new SqliteStore(join(dir, "bench.sqlite"), "sample"),
  });
  const figures = {
    signalToPlan: [] as number[],
    planToFirstByte: [] as number[],
    signalToFirstByte: [] as number[],
    apply: [] as number[],
    bare: [] as number[],
  };
  let requests = 0;
  try {
    await engine.apply();
    for (let i = 0; i < rounds; i++) {
      await answerOf(router, "seen");
      let planned = 0n;
      const done = new Promise<void>((resolve) => {
        const stop = engine.subscribe((event) => {
          if (event.type === "plan" && planned === 0n) planned = process.hrtime.bigint();
          if (event.type !== "applied") return;
          stop();
          if (event.data.result !== "confirmed") throw new Error(`apply ended as ${event.data.result}: ${event.data.error?.message}`);
          resolve();
        });
      });
      const begin = process.hrtime.bigint();
      await engine.override({ subject: "bob", persona: i % 2 === 0 ? "gamer" : "video-editor", source: "bench" });
      await done;
      const end = process.hrtime.bigint();
      const sent = await answerOf<Request[]>(router, "seen");
      const first = sent[0]!.at;
      figures.signalToPlan.push(ms(planned - begin));
      figures.planToFirstByte.push(ms(first - planned));
      figures.signalToFirstByte.push(ms(first - begin));
      figures.apply.push(ms(end - planned));
      requests += sent.length;
      figures.bare.push(await answerOf<number>(bare, sent));
    }
  } finally {
    await engine.close();
    await Promise.all([router.terminate(), bare.terminate()]);
    await rm(dir, { recursive: true, force: true });
  }
  const ratios = figures.apply.map((a, i) => a / figures.bare[i]!);
  return {
    signalToPlan: spread(figures.signalToPlan),
    planToFirstByte: spread(figures.planToFirstByte),
    signalToFirstByte: spread(figures.signalToFirstByte),
    apply: spread(figures.apply),
    bare: spread(figures.bare),
    ratio: spread(ratios).median,
    requestsPerApply: requests / rounds,
  };
}
