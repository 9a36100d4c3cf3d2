import { parseArgs } from "node:util";
import { checkProperties } from "./check-properties.ts";
import { measure } from "./timing.ts";

const { values } = parseArgs({
  options: { households: { type: "string", default: "100000" }, seed: { type: "string", default: "1" }, json: { type: "boolean", default: false }, "no-timing": { type: "boolean", default: false } },
});
const households = Number(values.households);
const seed = Number(values.seed);
if (!Number.isInteger(households) || households < 0 || !Number.isInteger(seed)) {
  console.error("--households and --seed: expected whole numbers, such as --households 100000 --seed 1");
  process.exit(2);
}

const timing = values["no-timing"] ? undefined : measure();
const checked = checkProperties(households, seed, (line) => {
  if (!values.json) console.log(line);
});
const failed = checked.filter((property) => property.failure !== undefined);

if (values.json) console.log(JSON.stringify({ timing, households, seed, properties: checked }, null, 2));
else if (timing) {
  console.log(`\n10 people, 60 devices: median ${timing.household.median.toFixed(3)} ms, 95 % within ${timing.household.p95.toFixed(3)} ms (${timing.household.runs} runs), blend and compose together ${timing.household.withBlend.toFixed(3)} ms`);
  for (const { devices, median } of timing.growth) console.log(`${String(devices).padStart(5)} devices: median ${median.toFixed(3)} ms`);
  console.log(`cost grows as devices^${timing.exponent.toFixed(2)}`);
}
process.exit(failed.length > 0 ? 1 : 0);
