import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, packageResolver, SqliteStore, silentLog } from "@network-personas/engine";
import { startOpenWrt } from "../../test/emulators/openwrt/index.ts";
import { type Spread, spread } from "./statistics.ts";

/** The router lives this many times faster than a real one: its seconds of reloading say nothing about us. */
const timeScale = 0.02;

interface Seen {
  at: number;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Stands between the driver and the router and notes when each request begins. */
async function tap(target: string) {
  const seen: Seen[] = [];
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, outgoing) => {
    const entry: Seen = {
      at: performance.now(),
      method: incoming.method!,
      path: incoming.url!,
      headers: incoming.headers,
      body: Buffer.alloc(0),
    };
    seen.push(entry);
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      entry.body = Buffer.concat(chunks);
      const onward = request(
        new URL(entry.path, target),
        { method: entry.method, headers: { ...entry.headers, host: new URL(target).host }, agent },
        (answer) => {
          outgoing.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on("error", () => outgoing.destroy());
      onward.end(entry.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

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

/** Signals into a real engine that drives the OpenWrt emulator. */
export async function routerPathBench(rounds: number): Promise<RouterPath> {
  const emulator = await startOpenWrt({ timeScale });
  const wire = await tap(emulator.url);
  const dir = await mkdtemp(join(tmpdir(), "np-bench-"));
  const sample = await readFile(new URL("../../examples/sample-home/home.yaml", import.meta.url), "utf8");
  const yaml = `${sample.slice(0, sample.indexOf("routers:"))}routers:\n  - { id: main, driver: openwrt, url: "${wire.url}", username: ${emulator.username}, password: { env: NP_BENCH_PASSWORD }, mode: live }\npolicy: { minimumDwell: PT0S }\n`;
  await writeFile(
    join(dir, "home.yaml"),
    yaml.replace(/calendars: \[[^\]]*\]/g, "calendars: []").replace(/\ncalendars:[\s\S]*?\nrouters:/, "\nrouters:"),
  );
  process.env.NP_BENCH_PASSWORD = emulator.password;
  const { engine } = await openEngine({
    home: join(dir, "home.yaml"),
    dataDir: dir,
    log: silentLog,
    clock: emulator.time.clock,
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
      wire.seen.length = 0;
      let planned = 0;
      const done = new Promise<void>((resolve) => {
        const stop = engine.subscribe((event) => {
          if (event.type === "plan" && planned === 0) planned = performance.now();
          if (event.type !== "applied") return;
          stop();
          if (event.data.result !== "confirmed") throw new Error(`apply ended as ${event.data.result}: ${event.data.error?.message}`);
          resolve();
        });
      });
      const begin = performance.now();
      await engine.override({ subject: "bob", persona: i % 2 === 0 ? "gamer" : "video-editor", source: "bench" });
      await done;
      const end = performance.now();
      const first = wire.seen[0]!.at;
      figures.signalToPlan.push(planned - begin);
      figures.planToFirstByte.push(first - planned);
      figures.signalToFirstByte.push(first - begin);
      figures.apply.push(end - planned);
      const sent = [...wire.seen];
      requests += sent.length;
      const bareBegin = performance.now();
      for (const one of sent)
        await fetch(`${wire.url}${one.path}`, {
          method: one.method,
          headers: { "content-type": "application/json", connection: "close" },
          body: new Uint8Array(one.body),
        }).then((r) => r.arrayBuffer());
      figures.bare.push(performance.now() - bareBegin);
    }
  } finally {
    await engine.close();
    await wire.close();
    await emulator.stop();
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
