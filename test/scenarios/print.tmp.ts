import { readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { readdirSync } from "node:fs";
const dir = new URL("./households/", import.meta.url).pathname;
const write = process.argv.includes("--write");
for (const f of readdirSync(dir).sort()) { let t = readFileSync(dir + f, "utf8"); if (!/^expect:/m.test(t)) { t += "expect: { line: '', devices: {} }\n"; writeFileSync(dir + f, t); } }
const { householdFiles, readHousehold, planOf, summary } = await import("./households.ts");
for (const f of householdFiles) {
  const given = readHousehold(f);
  const s = summary(planOf(given));
  const out = stringify({ expect: Object.fromEntries(Object.entries(s).filter(([, v]) => !Array.isArray(v) || v.length > 0)) }, { lineWidth: 0 });
  console.log(`#### ${f}: ${given.why}\n${JSON.stringify(given.likely)} absent ${given.absent}\n${out}`);
  if (write) { const t = readFileSync(dir + f, "utf8"); writeFileSync(dir + f, t.slice(0, t.search(/^expect:/m)) + out); }
}
