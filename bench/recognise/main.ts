import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readFlows } from "./flows.ts";
import { type Score, score } from "./score.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, json: { type: "string" } } });
const folder = values.data ? resolve(process.env.INIT_CWD ?? ".", values.data) : resolve(import.meta.dirname, "../../../shared/data/flows");
if (!existsSync(folder)) {
  console.error(`there is no folder ${folder}; give a folder of labelled flows: npm run bench:recognise -- --data DIR [--json FILE]`);
  process.exit(2);
}
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".csv"))
  .sort();
if (files.length === 0) {
  console.error(`there is no .csv in ${folder}; each has the columns source,app,cls,proto,dport,dur,pu,pd,bu,bd`);
  process.exit(2);
}
const perFile = files.map((file) => ({ file, flows: readFlows(readFileSync(join(folder, file), "utf8"), file) }));
const all = score(perFile.flatMap(({ flows }) => flows));

const share = (value: number | null) => (value === null ? "-" : `${(100 * value).toFixed(1)} %`).padStart(10);
const row = (name: string, s: Score) =>
  `${name.padEnd(20)}${String(s.n).padStart(7)}${String(s.significant).padStart(13)}${share(s.majority)}${share(s.accuracy)}${share(s.balanced)}${share(s.falseRealtime)}${share(s.realtimeRecall)}${share(s.abstention)}`;
console.log(
  `${"".padEnd(20)}${"flows".padStart(7)}${"significant".padStart(13)}${["majority", "accuracy", "balanced", "false rt", "rt recall", "abstain"].map((h) => h.padStart(10)).join("")}`,
);
for (const { file, flows } of perFile) console.log(row(file, score(flows)));
console.log(row("all", all));
console.log("\nsignificant flows, what they are (down) and what was said (across):");
const columns = ["realtime", "streaming", "bulk", "background", "not sure"];
console.log(`${"".padEnd(14)}${columns.map((c) => c.padStart(12)).join("")}`);
for (const [cls, said] of Object.entries(all.confusion)) {
  console.log(`${cls.padEnd(14)}${columns.map((c) => String(said[c] ?? 0).padStart(12)).join("")}`);
}
if (values.json) writeFileSync(resolve(process.env.INIT_CWD ?? ".", values.json), `${JSON.stringify(all, null, 2)}\n`);
