import type { Trouble, Undisturbed } from "./campaign.ts";

/** Park and Miller's generator: the same numbers in 0..1 for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const aftermaths = ["nothing", "timer", "reboot"] as const;
const evenly = <T>(list: readonly T[], count: number): T[] =>
  list.length <= count ? [...list] : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);

/**
 * How to disturb a change: a kill at every message, where the router holds what is not confirmed with everything that may come then,
 * and at instants; and spoilt messages of each kind; at most `most` of each.
 */
export function troublesOf(
  { messages, changed, took }: Pick<Undisturbed, "messages" | "changed" | "took">,
  most: number,
  random: () => number,
): Trouble[] {
  const each = Array.from({ length: messages }, (_, i) => i + 1);
  const kills = evenly(each, most).map((message, i): Trouble => ({ fate: "kill", at: { message }, next: aftermaths[i % 3]! }));
  const others = evenly(each.slice(changed - 1), Math.min(most, 8)).flatMap((message) =>
    aftermaths.map((next): Trouble => ({ fate: "kill", at: { message }, next })),
  );
  const same = (one: Trouble) => (two: Trouble) => describe(one) === describe(two);
  kills.push(...others.filter((one) => !kills.some(same(one))));
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

export const describe = ({ fate, at, next }: Trouble): string =>
  `${fate} ${"message" in at ? `at message ${at.message}` : `after ${at.after.toFixed(1)} ms`}, then ${next}`;
