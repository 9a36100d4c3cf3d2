import { parseArgs } from "node:util";
import { checkProperties } from "./check-properties.ts";
import { measure } from "./timing.ts";

const { values } = parseArgs({
  options: {
    households: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const households = Number(values.households);
const seed = Number(values.seed);
if (!Number.isInteger(households) || households < 0 || !Number.isInteger(seed)) {
  console.error("--households and --seed: expected whole numbers, such as --households 100000 --seed 1");
  process.exit(2);
}

const timing = measure();
if (!values.json) {
  const { median, p95, withReasons, withBlend, runs } = timing.household;
  console.log(
    `10 people, 60 devices: median ${median.toFixed(3)} ms, 95 % within ${p95.toFixed(3)} ms (${runs} runs); with every reason written out ${withReasons.toFixed(3)} ms; with blending ${withBlend.toFixed(3)} ms`,
  );
  for (const { devices, cpu } of timing.growth)
    console.log(`${String(devices).padStart(5)} devices: ${cpu.toFixed(3)} ms of processor time`);
  console.log(`cost grows as devices^${timing.exponent.toFixed(2)}\n`);
}

const checked = checkProperties(households, seed, (done) => {
  if (!values.json && done % 10_000 === 0) console.log(`${done} households`);
});
if (values.json) console.log(JSON.stringify({ timing, seed, ...checked }, null, 2));
else if (checked.failure) console.log(checked.failure);
else
  console.log(
    `${checked.households} random households (seed ${seed}): each holds\n${checked.properties.map((name) => `  ${name}`).join("\n")}`,
  );
process.exit(checked.failure ? 1 : 0);
