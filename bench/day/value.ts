import type { NetworkPlan } from "@network-personas/engine/model";

type Way = "down" | "up";

/** What an activity asks of the line, kbit/s, and what it is worth to those who do it, 0..1 at best. */
interface Use {
  want: Record<Way, number>;
  worth: number;
  value(rate: Record<Way, number>, urgent: boolean, prompt: boolean): number;
}

const share = (rate: number, need: number) => Math.min(1, rate / need);
/** Without priority behind a full queue a call stutters and a game lags: measured qualities, see facts on traffic. */
const lateCall = 0.6;
const lateGame = 0.4;

export const uses: Readonly<Record<string, Use>> = {
  "remote-worker": {
    want: { down: 4_000, up: 4_000 },
    worth: 1.2,
    value: (rate, urgent, prompt) => Math.min(share(rate.down, 2_500), share(rate.up, 2_500)) * (urgent || prompt ? 1 : lateCall),
  },
  gamer: {
    want: { down: 1_000, up: 600 },
    worth: 1,
    value: (rate, urgent) => Math.min(share(rate.down, 250), share(rate.up, 150)) * (urgent ? 1 : lateGame),
  },
  "streaming-enthusiast": { want: { down: 25_000, up: 500 }, worth: 0.8, value: (rate) => share(rate.down, 25_000) },
  "video-editor": {
    want: { down: 2_000, up: 1e6 },
    worth: 0.7,
    value: (rate) => Math.min(1, Math.log2(1 + rate.up / 4_000) / Math.log2(1 + 5_500 / 4_000)),
  },
};
/** A download that never ends, and a backup: what everything else competes with. */
const greedy: Use = { want: { down: 1e6, up: 1e6 }, worth: 0.1, value: (rate) => Math.min(1, Math.log2(1 + rate.down / 5_000) / 3) };

interface Party {
  device: string;
  use: Use;
}

/** Rates under a plan: guarantees first, then weighted max-min of the rest, nobody above its want or ceiling. */
function ratesOf(parties: readonly Party[], plan: NetworkPlan, way: Way): number[] {
  const entries = parties.map(({ device, use }) => {
    const planned = plan.devices.find((d) => d.device === device)!;
    const limit = Math.min(use.want[way], planned.ceiling[way] ?? Number.POSITIVE_INFINITY);
    return { limit, weight: planned.weight, rate: Math.min(limit, planned.guarantee[way]) };
  });
  let left = plan.lines[0]!.shaper[way] - entries.reduce((sum, { rate }) => sum + rate, 0);
  for (;;) {
    const hungry = entries.filter(({ rate, limit }) => rate < limit - 1e-6);
    if (left <= 1e-6 || hungry.length === 0) return entries.map(({ rate }) => rate);
    const weights = hungry.reduce((sum, { weight }) => sum + weight, 0);
    const step = Math.min(left / weights, ...hungry.map(({ rate, limit, weight }) => (limit - rate) / weight));
    for (const entry of hungry) entry.rate += step * entry.weight;
    left -= step * weights;
  }
}

/** What a home gets out of a plan while people do what they do: the sum of what their activities are worth. `doing` is persona by device. */
export function worthOf(doing: ReadonlyMap<string, string>, plan: NetworkPlan): number {
  const parties: Party[] = [...doing].flatMap(([device, persona]) => (uses[persona] ? [{ device, use: uses[persona] }] : []));
  parties.push({ device: "nas", use: greedy });
  const [down, up] = [ratesOf(parties, plan, "down"), ratesOf(parties, plan, "up")];
  return parties.reduce((sum, { device, use }, i) => {
    const { class: cls } = plan.devices.find((d) => d.device === device)!;
    return sum + use.worth * use.value({ down: down[i]!, up: up[i]! }, cls === "realtime", cls === "interactive");
  }, 0);
}
