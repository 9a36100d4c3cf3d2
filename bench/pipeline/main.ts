import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { build } from "../../scripts/build.ts";
import { decideBench } from "./decide.ts";
import { memoryBench } from "./memory.ts";
import { routerPathBench } from "./router-path.ts";
import { milliseconds, yardstick } from "./statistics.ts";

// npm run bench:pipeline -- [--rounds N] [--json FILE] [--no-memory]
const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, json: { type: "string" }, memory: { type: "boolean", default: true } },
  allowNegative: true,
});
const rounds = Number(values.rounds);

const machine = yardstick(rounds * 5);
console.log(`this machine: the same arithmetic each time         ${milliseconds(machine)}`);
const decide = await decideBench(rounds * 5);
console.log(`predict + blend + compose, 6 people, 40 devices    ${milliseconds(decide)}`);
const path = await routerPathBench(rounds);
console.log(`signal -> new plan                                 ${milliseconds(path.signalToPlan)}`);
console.log(`new plan -> first byte to the router               ${milliseconds(path.planToFirstByte)}`);
console.log(`signal -> first byte to the router                 ${milliseconds(path.signalToFirstByte)}`);
console.log(`whole apply on the OpenWrt emulator                ${milliseconds(path.apply)}`);
console.log(`its ${path.requestsPerApply.toFixed(1)} HTTP requests alone                        ${milliseconds(path.bare)}`);
console.log(`ratio, median of rounds                            ${path.ratio.toFixed(2)}`);
let memory: Awaited<ReturnType<typeof memoryBench>> | undefined;
if (values.memory) {
  await build();
  memory = await memoryBench();
  console.log(
    `memory added to Node-RED, flows having worked      ${memory.added.toFixed(1)} MB (${memory.empty.worked.toFixed(0)} -> ${memory.withEngine.worked.toFixed(0)})`,
  );
  console.log(
    `  right after the start                            ${memory.addedAtStart.toFixed(1)} MB (${memory.empty.started.toFixed(0)} -> ${memory.withEngine.started.toFixed(0)})`,
  );
}
if (values.json) await writeFile(values.json, JSON.stringify({ machine, decide, ...path, memory }, null, 2));
