import { parseArgs } from "node:util";
import { disturbed, endVictims, type Trouble, undisturbed } from "./campaign.ts";
import { routers } from "./routers.ts";

// Kills the process after every message of a change, and at random instants, and disturbs messages, on every kind of router.

const usage = "usage: npm run test:crash -- [--routers openwrt,linux,…] [--most N: troubles of each kind per router] [--seed N]";
const { values } = (() => {
  try {
    return parseArgs({
      options: { routers: { type: "string" }, most: { type: "string", default: "1000" }, seed: { type: "string", default: "1" } },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
})();
const chosen = values.routers?.split(",") ?? Object.keys(routers);
const unknown = chosen.filter((name) => !routers[name]);
if (unknown.length > 0 || !(Number(values.most) > 0)) {
  console.error(unknown.length > 0 ? `there is no router "${unknown[0]}"; known are ${Object.keys(routers).join(", ")}` : usage);
  process.exit(2);
}
const most = Number(values.most);

/** Park and Miller's generator: the same instants for the same seed. */
let state = Number(values.seed);
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};

const aftermaths = ["nothing", "timer", "reboot"] as const;
const evenly = <T>(list: readonly T[], count: number): T[] =>
  list.length <= count ? [...list] : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);

function troublesOf(messages: number, took: number): Trouble[] {
  const each = Array.from({ length: messages }, (_, i) => i + 1);
  const kills = evenly(each, most).map((message, i): Trouble => ({ fate: "kill", at: { message }, next: aftermaths[i % 3]! }));
  const instants = evenly(each.slice(0, 12), most).map(
    (i): Trouble => ({ fate: "kill", at: { after: random() * took }, next: aftermaths[i % 3]! }),
  );
  const spoilt = (["cut", "garbage", "slow"] as const).flatMap((fate, f) =>
    // Requests are not spoilt, only answers: every second message.
    evenly(
      each.filter((n) => fate !== "garbage" || n % 2 === 0).filter((_, i) => i % 3 === f),
      Math.min(most, 8),
    ).map((message, i): Trouble => ({ fate, at: { message }, next: aftermaths[i % 3]! })),
  );
  return [...kills, ...instants, ...spoilt];
}

const describe = ({ fate, at, next }: Trouble) =>
  `${fate} ${"message" in at ? `at message ${at.message}` : `after ${at.after.toFixed(1)} ms`}, then ${next}`;

let kills = 0;
let bad = 0;
for (const name of chosen) {
  const open = routers[name]!;
  const plain = await undisturbed(open);
  const troubles = troublesOf(plain.messages, plain.took);
  const ends: Record<string, number> = {};
  for (const [i, trouble] of troubles.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r${name} ${i + 1}/${troubles.length}\x1b[K`);
    else if (i % 20 === 0) console.error(`${name} ${i + 1}/${troubles.length}`);
    const { found, recovered, wrong } = await disturbed(open, trouble, plain);
    if (trouble.fate === "kill") kills++;
    ends[`${found}, ${recovered}`] = (ends[`${found}, ${recovered}`] ?? 0) + 1;
    if (wrong.length === 0) continue;
    bad++;
    console.error(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${name}: ${describe(trouble)}: ${wrong.join("; ")}`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const counted = Object.entries(ends)
    .map(([end, count]) => `${count} x ${end}`)
    .join("; ");
  console.log(`${name}: ${plain.messages} messages in ${plain.took.toFixed(0)} ms; ${troubles.length} troubles (found, then: ${counted})`);
}
endVictims();
console.log(`${kills} kills, ${bad} with something wrong`);
process.exitCode = bad > 0 ? 1 : 0;
