import { type TrafficKind, trafficKinds } from "@network-personas/personas";
import type { FlowFeatures } from "./flow-features.ts";
import { type PortSign, type RangeSign, signsOf, type TrafficGroup, trafficGroups } from "./traffic-signs.ts";

/** One reason for or against a kind, in log-odds, with the value that gave it. */
export interface TrafficSign {
  of: string;
  value: string;
  logOdds: number;
}

/** What a flow is thought to be. `kind` null: not sure enough to say. */
export interface Recognised {
  kind: TrafficKind | null;
  group: TrafficGroup | null;
  /** Probability of the group, 0..1. */
  probability: number;
  /** What spoke for and against the most probable kind, strongest first. */
  signs: readonly TrafficSign[];
}

/** Realtime is only called so when it is nearly certain: it takes from everybody else. */
const sureEnough: Readonly<Record<TrafficGroup, number>> = { realtime: 0.9, streaming: 0.55, bulk: 0.55, background: 0.55 };
/** Signs of one flow tell much the same: together they say less than their sum. */
const dependence = 0.6;

const groupOf = new Map<TrafficKind, TrafficGroup>(
  (Object.keys(trafficGroups) as TrafficGroup[]).flatMap((group) => trafficGroups[group].map((kind) => [kind, group] as const)),
);

/** Log-odds of a value for a range: all of `inside` within, sliding to `outside` over the next octave. */
export function logOddsOf({ from, to, inside, outside }: RangeSign, value: number): number {
  const below = from > 0 ? Math.log2(from / Math.max(value, 1e-9)) : 0;
  const above = Math.log2(Math.max(value, 1e-9) / to);
  const away = Math.min(1, Math.max(0, below, above));
  return inside + (outside - inside) * away;
}

const matches = (port: PortSign, { protocol }: FlowFeatures) => !port.protocol || port.protocol === protocol;

function signs(kind: TrafficKind, features: FlowFeatures): TrafficSign[] {
  const { protocol, ports, ranges } = signsOf[kind];
  const found: TrafficSign[] = [];
  if (features.protocol) found.push({ of: "protocol", value: features.protocol, logOdds: protocol[features.protocol] });
  const { remotePort } = features;
  const known = ports.find((p) => remotePort !== undefined && remotePort >= p.from && remotePort <= p.to && matches(p, features));
  if (known) found.push({ of: "remotePort", value: String(remotePort), logOdds: known.logOdds });
  for (const sign of ranges) {
    const value = features[sign.of];
    if (value !== undefined) found.push({ of: sign.of, value: value.toPrecision(3), logOdds: logOddsOf(sign, value) });
  }
  return found;
}

/**
 * What a flow is, by additive evidence: every sign adds its log-odds to the kinds it speaks for. `prior` (log-odds per
 * kind, from the kind of device or what is expected of its owner) enters like any other sign.
 */
export function recognise(features: FlowFeatures, prior: Partial<Record<TrafficKind, number>> = {}): Recognised {
  const found = new Map(trafficKinds.map((kind) => [kind, signs(kind, features)]));
  const scores = trafficKinds.map((kind) => {
    const sum = found.get(kind)!.reduce((total, { logOdds }) => total + logOdds, 0);
    return Math.exp(dependence * sum + (prior[kind] ?? 0));
  });
  const total = scores.reduce((sum, score) => sum + score, 0);
  const p = new Map(trafficKinds.map((kind, i) => [kind, scores[i]! / total]));
  const sums = (Object.keys(trafficGroups) as TrafficGroup[]).map((group) => ({
    group,
    probability: trafficGroups[group].reduce((sum, kind) => sum + p.get(kind)!, 0),
  }));
  const best = sums.reduce((a, b) => (b.probability > a.probability ? b : a));
  const kind = trafficKinds.filter((k) => groupOf.get(k) === best.group).reduce((a, b) => (p.get(b)! > p.get(a)! ? b : a));
  const sure = best.probability >= sureEnough[best.group];
  return {
    kind: sure ? kind : null,
    group: sure ? best.group : null,
    probability: best.probability,
    signs: [...found.get(kind)!].sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds)),
  };
}
