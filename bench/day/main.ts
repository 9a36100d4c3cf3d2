import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { peopleOf } from "./household.ts";
import { limits } from "./limits.ts";
import { live } from "./run.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, days: { type: "string", default: "28" }, json: { type: "string" } } });
const from = process.env.INIT_CWD ?? ".";
const folder = values.data ? resolve(from, values.data) : resolve(import.meta.dirname, "../../../shared/data/prediction");
const days = Number(values.days);
if (!existsSync(folder) || !Number.isInteger(days) || days < 7) {
  console.error("usage: npm run bench:day -- [--data DIR] [--days N (7 or more)] [--json FILE]; DIR holds homes, each with intervals.csv");
  process.exit(2);
}
const people = peopleOf(folder, days);
if (people.length === 0) {
  console.error(`no home in ${folder} has an intervals.csv of ${days} days with activities that need the network`);
  process.exit(2);
}

const progress = (name: string) => (day: number) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${name}: day ${day + 1} of ${days}  `);
};
const variants = [
  ["learned (default)", "predictor: learned"],
  ["founding formula", "predictor: additive"],
  ["always everyday", "policy: { control: flow }"],
] as const;

console.log(`${people.length} people of real homes, ${days} days, a line of 50/10 Mbit/s with a download and a backup that never end`);
const { told, still, stillWith } = await limits(people, days);
const benefit = (value: number, w: number) => (value - still[w]!) / (told[w]! - still[w]!);
console.log(`best plan that never changes: ${stillWith}\n`);
const shown = [0, 1, 3].filter((w) => w * 7 + 7 <= days);
const header = ["", ...shown.map((w) => `benefit week ${w + 1}`), "writes a day", "wrong, min a day"];
console.log(header.map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(18))).join(""));
const results: Record<string, unknown> = {};
for (const [name, more] of variants) {
  const weeks = await live(people, days, more, progress(name));
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const total = (key: "writes" | "wrongSeconds") => weeks.reduce((sum, w) => sum + w[key], 0);
  const cells = [
    ...shown.map((w) => `${(100 * benefit(weeks[w]!.value, w)).toFixed(1)} %`),
    (total("writes") / days).toFixed(1),
    (total("wrongSeconds") / 60 / days / people.length).toFixed(1),
  ];
  console.log(name.padEnd(22) + cells.map((cell) => cell.padStart(18)).join(""));
  results[name] = weeks.map((w, i) => ({ ...w, benefit: benefit(w.value, i) }));
}
if (values.json)
  writeFileSync(resolve(from, values.json), `${JSON.stringify({ people: people.length, days, told, still, results }, null, 2)}\n`);
