import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { requirement } from "../../test/support/require.ts";
import { makeLine } from "./line.ts";
import { type Result, table } from "./report.ts";
import { configurations, play, type Run } from "./run.ts";
import { type ScenarioId, scenarios } from "./scenarios.ts";

// npm run bench:latency -- [--scenarios a,b] [--configurations a,b] [--seconds N] [--settle N] [--json FILE]      as root, on Linux
const { values } = parseArgs({
  options: {
    scenarios: { type: "string", default: Object.keys(scenarios).join() },
    configurations: { type: "string", default: configurations.join() },
    seconds: { type: "string", default: "10" },
    settle: { type: "string", default: "8" },
    json: { type: "string" },
  },
});
const refuse = (message: string): never => {
  console.error(message);
  process.exit(2);
};
function oneOf<T extends string>(option: string, known: readonly T[]): T[] {
  return (values[option as keyof typeof values] ?? "").split(",").map((name) => {
    if (!known.includes(name as T)) refuse(`--${option}: there is no "${name}"; known: ${known.join(", ")}`);
    return name as T;
  });
}
const chosen = oneOf("scenarios", Object.keys(scenarios) as ScenarioId[]);
const compared = oneOf("configurations", configurations);
const [seconds, settle] = [Number(values.seconds), Number(values.settle)];
if (!(seconds >= 2)) refuse(`--seconds: expected how long each run is measured, 2 or more, not "${values.seconds}"`);
if (!(settle >= 1)) refuse(`--settle: expected how long traffic settles before, 1 or more, not "${values.settle}"`);
const missing = (["namespaces", "nftables", "traffic-control", "conntrack"] as const)
  .map(requirement)
  .filter(({ available }) => !available);
if (missing.length > 0) {
  for (const { name, reason, howTo } of missing) console.error(`${name}: ${reason}. To enable: ${howTo}`);
  process.exit(1);
}

const rig = makeLine();
process.once("SIGINT", () => {
  rig.stop();
  process.exit(130);
});
const results: Result[] = [];
const began = performance.now();
try {
  let done = 0;
  for (const id of chosen) {
    const runs: Run[] = [];
    for (const configuration of compared) {
      const minutes = (performance.now() - began) / 60_000;
      console.error(`${minutes.toFixed(1)} min, run ${++done} of ${chosen.length * compared.length}: ${id}, ${configuration}`);
      const told = runs.find((run) => run.configuration === "told")?.plan;
      runs.push(await play(rig, scenarios[id], configuration, { settle, seconds }, told ?? undefined));
    }
    results.push({ scenario: id, runs });
  }
} finally {
  rig.stop();
}
console.log(table(results, scenarios));
if (values.json)
  await writeFile(resolve(process.env.INIT_CWD ?? ".", values.json), `${JSON.stringify({ seconds, settle, results }, null, 2)}\n`);
