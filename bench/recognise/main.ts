import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { requirement } from "../../test/support/require.ts";
import { makeLine } from "../latency/line.ts";
import { capture, scenes } from "./capture.ts";
import { flowsText, type LabelledFlow, readFlows } from "./flows.ts";
import { scoreTable } from "./report.ts";
import { score } from "./score.ts";

// npm run bench:recognise -- [--data DIR] [--json FILE]
// npm run bench:recognise -- --captures [--seconds N] [--save FILE] [--json FILE]      as root, on Linux
const { values } = parseArgs({
  options: {
    data: { type: "string" },
    captures: { type: "boolean", default: false },
    seconds: { type: "string", default: "60" },
    save: { type: "string" },
    json: { type: "string" },
  },
});
const fromHere = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);
function stop(code: number, ...lines: string[]): never {
  for (const line of lines) console.error(line);
  process.exit(code);
}

/** Labelled flows of files in a folder. */
function stored(): { name: string; flows: LabelledFlow[] }[] {
  const folder = values.data ? fromHere(values.data) : resolve(import.meta.dirname, "../../../shared/data/flows");
  if (!existsSync(folder))
    stop(2, `there is no folder ${folder}; give a folder of labelled flows: npm run bench:recognise -- --data DIR [--json FILE]`);
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".csv"))
    .sort();
  if (files.length === 0) stop(2, `there is no .csv in ${folder}; each has the columns source,app,cls,proto,dport,dur,pu,pd,bu,bd`);
  return files.map((file) => ({ name: file, flows: readFlows(readFileSync(join(folder, file), "utf8"), file) }));
}

/** Flows of programs of ours, through a real router. */
async function captured(): Promise<{ name: string; flows: LabelledFlow[] }[]> {
  const seconds = Number(values.seconds);
  if (!(seconds >= 20)) stop(2, `--seconds: expected how long each scene lasts, 20 or more, not "${values.seconds}"`);
  const missing = (["namespaces", "nftables", "traffic-control", "conntrack"] as const)
    .map(requirement)
    .filter(({ available }) => !available);
  if (missing.length > 0) stop(1, ...missing.map(({ name, reason, howTo }) => `${name}: ${reason}. To enable: ${howTo}`));
  const rig = makeLine();
  process.once("SIGINT", () => {
    rig.stop();
    process.exit(130);
  });
  const found: { name: string; flows: LabelledFlow[] }[] = [];
  try {
    for (const [name, scene] of Object.entries(scenes)) {
      console.error(`${name}, ${seconds} s`);
      found.push({ name, flows: await capture(rig, scene, seconds) });
    }
  } finally {
    rig.stop();
  }
  return found;
}

const parts = values.captures ? await captured() : stored();
const flows = parts.flatMap((part) => part.flows);
console.log(scoreTable(parts));
if (flows.some(({ history }) => history.length > 0)) {
  console.log("\nthe same flows, had nobody looked more than once:");
  console.log(scoreTable([{ name: "without history", flows: flows.map((flow) => ({ ...flow, history: [] })) }]));
}
if (values.save) writeFileSync(fromHere(values.save), flowsText(flows, "captured"));
if (values.json) writeFileSync(fromHere(values.json), `${JSON.stringify(score(flows), null, 2)}\n`);
