import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { milliseconds } from "../pipeline/statistics.ts";
import { toggleBench } from "./toggle.ts";

// npm run bench:homekit -- [--rounds N] [--json FILE]
const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" }, json: { type: "string" } } });

const times = await toggleBench(Number(values.rounds));
console.log(`write that changes nothing                         ${milliseconds(times.idleWrite)}`);
console.log(`write -> HomeKit's answer                          ${milliseconds(times.answer)}`);
console.log(`write -> first byte at the router (our share)      ${milliseconds(times.firstByte)}`);
console.log(`write -> confirmed plan on the OpenWrt emulator    ${milliseconds(times.confirmed)}`);
console.log(`its ${times.requests.toFixed(1)} HTTP requests alone                        ${milliseconds(times.bare)}`);
console.log(`ratio, median of rounds                            ${times.ratio.toFixed(2)}`);
if (values.json) await writeFile(values.json, JSON.stringify(times, null, 2));
