import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { requirement } from "../../test/support/require.ts";
import { applyBench } from "./bench.ts";
import { table } from "./report.ts";

// npm run bench:apply -- [--switches N] [--json FILE]       as root, on Linux with nftables, iproute2 and BusyBox
const { values } = parseArgs({ options: { switches: { type: "string", default: "8" }, json: { type: "string" } } });
const switches = Number(values.switches);
if (!Number.isInteger(switches) || switches < 1) {
  console.error(`--switches: expected a whole number of switches in each direction, not "${values.switches}"`);
  process.exit(2);
}
const missing = (["namespaces", "nftables", "traffic-control", "busybox"] as const).map(requirement).filter(({ available }) => !available);
if (missing.length > 0) {
  for (const { name, reason, howTo } of missing) console.error(`${name}: ${reason}. To enable: ${howTo}`);
  process.exit(1);
}
const results = await applyBench(switches);
console.log(table(results));
if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
