// npm run bench:calendar -- [--json] [--events N] [--recurring N] [--rounds N] [--limit SECONDS] [--no-rivals]
//                           [--cases DIR]   scores a collection instead
//                           [--fuzz N] [--corpus DIR] [--seed N]   reads damaged calendars instead
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type CasesResult, scoreCases } from "./cases.ts";
import { benchFeed, type FeedBench } from "./feed-bench.ts";
import { type FuzzResult, fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    events: { type: "string", default: "10000" },
    recurring: { type: "string", default: "2000" },
    rounds: { type: "string", default: "5" },
    limit: { type: "string", default: "60" },
    "no-rivals": { type: "boolean" },
    cases: { type: "string" },
    fuzz: { type: "string" },
    corpus: { type: "string", default: fileURLToPath(new URL("../../../shared/data/calendar/ics", import.meta.url)) },
    seed: { type: "string", default: "1" },
  },
});
const number = (name: "events" | "recurring" | "rounds" | "limit" | "seed"): number => Number(values[name]);

if (values.cases) {
  const result = await scoreCases(values.cases);
  print(result, casesText);
  process.exitCode = result.settled.passed < 0.98 * result.settled.total ? 1 : 0;
} else if (values.fuzz) {
  const result = await fuzz(Number(values.fuzz), values.corpus, number("seed"));
  print(result, fuzzText);
  process.exitCode = result.failures.length > 0 ? 1 : 0;
} else {
  const shape = { events: number("events"), recurring: number("recurring"), years: 10, seed: number("seed") };
  print(await benchFeed(shape, { rounds: number("rounds"), limit: number("limit") * 1000, rivals: !values["no-rivals"] }), feedText);
}

function print<T>(result: T, text: (result: T) => string): void {
  console.log(values.json ? JSON.stringify(result, null, 2) : text(result));
}

function casesText(r: CasesResult): string {
  const percent = (100 * r.passed) / r.total;
  return [
    ...r.failed.map((f) => `failed${f.disputed ? " (disputed)" : ""}: ${f.name}: ${f.why}`),
    `${r.passed} of ${r.total} (${percent.toFixed(1)} %); of the undisputed ${r.settled.passed} of ${r.settled.total}; slowest ${r.slowest.ms.toFixed(0)} ms (${r.slowest.name})`,
  ].join("\n");
}

function fuzzText(r: FuzzResult): string {
  return [
    ...r.failures.slice(0, 20).map((f) => `FAILED mutation ${f.mutation} of ${f.file}: ${f.why}`),
    `${r.mutations} mutations of ${r.files} files: ${r.read} read (${r.withProblems} with problems told), ${r.refused} refused as no calendar, ${r.failures.length} failures`,
    `slowest ${r.slowest.ms.toFixed(0)} ms (mutation ${r.slowest.mutation} of ${r.slowest.file}); memory ${r.megabytes.before.toFixed(0)} -> ${r.megabytes.after.toFixed(0)} MB`,
  ].join("\n");
}

function feedText(r: FeedBench): string {
  const ms = (value: number): string => `${value.toFixed(value < 20 ? 1 : 0)} ms`;
  return [
    `${r.feed.events} events, ${r.feed.recurring} recurring, ${r.feed.megabytes.toFixed(1)} MB; 24 hours, ${r.occurrences} occurrences; medians of ${r.rounds} rounds`,
    `ICAL.parse alone            ${ms(r.parseAlone)}`,
    `first answer                ${ms(r.firstAnswer)}   ${r.firstAgainstParse.toFixed(2)} x ICAL.parse (a new worker takes ${ms(r.workerStart)} more, once)`,
    `next answer, same feed      ${ms(r.nextAnswer)}   ${(100 * r.nextAgainstParse).toFixed(2)} % of ICAL.parse, ${(100 * r.nextAgainstFirst).toFixed(2)} % of the first`,
    `longest block of the loop   ${ms(r.longestBlock)}   (${ms(r.idleBlock)} when idle in the same run; the main thread itself worked ${ms(r.mainThreadWork)})`,
    ...r.problems.map((problem) => `problem: ${problem}`),
    ...r.rivals.map(
      (rival) =>
        `${rival.reader.padEnd(27)} ${rival.ms === null ? rival.note : `${ms(rival.ms)}, ${(rival.ms / r.firstAnswer).toFixed(1)} x our first answer, ${rival.occurrences} occurrences`}`,
    ),
  ].join("\n");
}
