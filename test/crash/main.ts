import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { disturbed, endVictims, undisturbed } from "./campaign.ts";
import { enough, routers } from "./routers.ts";
import { describe, seeded, troublesOf } from "./troubles.ts";

// Kills the process after every message of a change, and at random instants, and disturbs messages, on every kind of router.

const usage =
  "usage: npm run test:crash -- [--routers openwrt,linux,…] [--most N: troubles of each kind per router] [--seed N] [--lanes N: routers at a time]";
const { values } = (() => {
  try {
    return parseArgs({
      options: {
        routers: { type: "string" },
        most: { type: "string", default: "1000" },
        seed: { type: "string", default: "1" },
        lanes: { type: "string", default: String(Math.min(availableParallelism(), 3)) },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
})();
const chosen = values.routers?.split(",") ?? Object.keys(routers);
const unknown = chosen.filter((name) => !routers[name]);
const [most, seed, lanes] = [Number(values.most), Number(values.seed), Number(values.lanes)];
if (unknown.length > 0 || !(most > 0 && seed > 0 && lanes > 0)) {
  console.error(unknown.length > 0 ? `there is no router "${unknown[0]}"; known are ${Object.keys(routers).join(", ")}` : usage);
  process.exit(2);
}

const began = performance.now();
const since = () => {
  const seconds = Math.round((performance.now() - began) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
let stopped = false;
// What is under way ends, so that nothing of it is left on this machine.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stopped = true;
    console.error("stopping");
  });

let kills = 0;
let bad = 0;
async function tryRouter(name: string): Promise<void> {
  const open = routers[name]!;
  const plain = await undisturbed(open);
  const troubles = troublesOf(plain, Math.min(most, enough[name] ?? most), seeded(seed));
  const ends: Record<string, number> = {};
  let done = 0;
  for (const trouble of troubles) {
    if (stopped) break;
    if (done % 20 === 0) console.error(`${since()} ${name}: ${done} of ${troubles.length}`);
    const { found, recovered, wrong } = await disturbed(open, trouble, plain);
    done++;
    if (trouble.fate === "kill") kills++;
    ends[`${found}, ${recovered}`] = (ends[`${found}, ${recovered}`] ?? 0) + 1;
    if (wrong.length === 0) continue;
    bad++;
    console.error(`${name}: ${describe(trouble)}: ${wrong.join("; ")}`);
  }
  const counted = Object.entries(ends)
    .map(([end, count]) => `${count} x ${end}`)
    .join("; ");
  console.log(`${since()} ${name}: a change is ${plain.messages} messages; ${done} troubles (found, then: ${counted})`);
}

const waiting = [...chosen];
const lane = async () => {
  for (let name = waiting.shift(); name !== undefined && !stopped; name = waiting.shift()) await tryRouter(name);
};
try {
  await Promise.all(Array.from({ length: lanes }, lane));
} finally {
  endVictims();
}
console.log(`${kills} kills in ${since()}, ${bad} with something wrong${stopped ? "; stopped before the end" : ""}`);
process.exitCode = bad > 0 || stopped ? 1 : 0;
