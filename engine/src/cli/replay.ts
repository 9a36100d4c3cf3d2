import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "../model/index.ts";
import { packageResolver } from "../runtime/driver-resolver.ts";
import { loadHome } from "../runtime/home-file.ts";
import { systemClock } from "../runtime/system.ts";
import { type Command, UsageError } from "./command.ts";
import { bar, clockTime, percent, table } from "./format.ts";
import { timelineOf } from "./timeline.ts";

export const replay: Command = {
  name: "replay",
  summary: "feeds recorded signals through the whole pipeline with a virtual clock: what was expected, applied, and how well",
  options: {
    log: { type: "string", placeholder: "FILE", describe: "the recording (JSON lines)" },
    speed: { type: "string", placeholder: "N", describe: "times faster than life (default: as fast as it goes)" },
  },
  async run({ options, json, terminal, home, log }) {
    const file = options.log as string | undefined;
    if (!file) throw new UsageError("name the recording with --log FILE");
    const speed = options.speed === undefined ? Number.POSITIVE_INFINITY : Number(options.speed);
    if (!(speed > 0)) throw new UsageError(`--speed "${options.speed}" is not a number greater than 0`);
    const { parseRecording, replay: runReplay } = await import("../runtime/replay.ts");
    const recording = parseRecording(
      await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(`cannot read ${file} (${error.code})`);
      }),
    );
    const { home: config } = await loadHome(home);
    const { timeZone } = config.home;
    const events: EngineEvent[] = [];
    const dataDir = await mkdtemp(join(tmpdir(), "network-personas-replay-"));
    // A replay never touches a real router: whatever the home has, the virtual one stands in.
    const resolver = packageResolver(dataDir);
    let shown = -1;
    const started = systemClock.now();
    try {
      const result = await runReplay({
        home,
        dataDir,
        log,
        recording,
        resolver: (_driver, field) => resolver("virtual", field),
        onEvent: (event) => events.push(event),
        async onProgress(share, at) {
          const due = started + (Date.parse(at) - Date.parse(recording.from)) / speed;
          if (due > systemClock.now()) await systemClock.sleep(due - systemClock.now());
          if (terminal.columns === 0 || json || Math.floor(share * 100) === shown) return;
          shown = Math.floor(share * 100);
          terminal.write(`\r${clockTime(at, timeZone)} ${bar(share, Math.min(40, terminal.columns - 16))} ${percent(share)} `);
        },
      });
      if (terminal.columns > 0 && !json) terminal.write("\r\x1b[K");
      const timeline = timelineOf(events, timeZone);
      if (json) terminal.print(JSON.stringify({ timeline, ...result, events }, null, 2));
      else {
        for (const entry of timeline) terminal.print(`${entry.time}  ${entry.text}`);
        for (const line of scoreLines(result)) terminal.print(line);
      }
      return 0;
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

/** How well it did, against the founding formula, a table by hour and a guess; and whether it was as often right as it said. */
function scoreLines({
  scores,
  sureness,
}: Pick<Awaited<ReturnType<typeof import("../runtime/replay.ts").replay>>, "scores" | "sureness">): string[] {
  const methods = scores.map((s) => [
    `  ${s.method}`,
    `log loss ${s.logLoss.toFixed(3)}`,
    `first guess right ${percent(s.top1)}`,
    `${s.windows} quarter hours`,
  ]);
  const sure = sureness.map((c) => [
    `  ${percent(c.from)} to ${percent(c.to)}`,
    `said ${percent(c.said)}`,
    `was right ${percent(c.right)}`,
    `${c.windows} quarter hours`,
  ]);
  return [
    "",
    "how well it did (lower log loss is better):",
    ...table(methods),
    "",
    "how sure it said it was, and how often it was right:",
    ...table(sure),
  ];
}
