import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { baselines, type MethodFactory } from "./baselines.ts";
import { homesIn, loadHome } from "./home-log.ts";
import { learnedMethod } from "./learned-method.ts";
import { samplesOf, type Task, tasks } from "./protocol.ts";
import { printHome, printMeans, type Result, type Results } from "./report.ts";
import { run } from "./run.ts";
import { scoreParts } from "./score.ts";

/** The homes the aims are about. */
const aimed = ["hh104", "hh110", "kasterenA", "ordonezA", "mit1"];
const fewestSamples = 40;
const methods: Readonly<Record<string, MethodFactory>> = { learned: (_, task) => learnedMethod(task), ...baselines };

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: "string" },
        sets: { type: "string" },
        tasks: { type: "string" },
        methods: { type: "string" },
        json: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    return fail(
      `${error instanceof Error ? error.message : error}\nusage: npm run bench:prediction -- [--data DIR] [--sets a,b] [--tasks T15,T60,ONSET] [--methods a,b] [--json FILE]`,
    );
  }
}

function chosen<T extends string>(what: string, wanted: string | undefined, known: readonly T[]): readonly T[] {
  if (wanted === undefined) return known;
  const names = wanted.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) fail(`--${what}: there is no ${unknown.map((name) => `"${name}"`).join(", ")}; known are ${known.join(", ")}`);
  return names as T[];
}

const { data, sets, tasks: wantedTasks, methods: wantedMethods, json } = options();
const folder = data ? resolve(process.env.INIT_CWD ?? ".", data) : resolve(import.meta.dirname, "../../../shared/data/prediction");
if (!existsSync(folder)) {
  fail(
    data
      ? `--data: there is no folder ${folder}`
      : "no data: give a folder of homes with --data DIR (each home a folder with meta.json and minutes.csv.gz); ../shared/data/prediction does not exist",
  );
}

const results: Results = {};
const homes = chosen("sets", sets, homesIn(folder));
if (homes.length === 0) fail(`${folder} holds no home: each needs a folder with meta.json and minutes.csv.gz`);
for (const name of homes) {
  const home = loadHome(folder, name);
  for (const task of chosen<Task>("tasks", wantedTasks, tasks)) {
    const samples = samplesOf(home, task);
    if (samples.length < fewestSamples) continue;
    const found: Record<string, Result> = {};
    for (const key of chosen("methods", wantedMethods, Object.keys(methods))) {
      // "Nothing changes" is never the answer when something starts.
      if (task === "ONSET" && key === "persistence") continue;
      const method = methods[key]!(home, task);
      const { predictions, predictMs, learnMs } = run(method, samples);
      const bytes = method.bytes?.();
      found[key] = { ...scoreParts(home, task, samples, predictions), predictMs, learnMs, ...(bytes === undefined ? {} : { bytes }) };
    }
    results[name] = { ...results[name], [task]: found };
    printHome(name, task, found);
  }
}

const all = Object.keys(results);
const groups: Record<string, readonly string[]> = { [`${all.length} homes`]: all };
if (aimed.every((home) => all.includes(home)) && all.length > aimed.length) groups[aimed.join(", ")] = aimed;
printMeans(results, groups);
if (json) writeFileSync(resolve(process.env.INIT_CWD ?? ".", json), `${JSON.stringify({ homes: results }, null, 1)}\n`);
