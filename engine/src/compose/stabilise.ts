import { firewallLevels, type TrafficClass, trafficClasses } from "@network-personas/personas";
import { between, type DevicePlan, type Instant } from "../model/index.ts";
import { type Both, both, type Direction, directions, everyWay } from "./both.ts";
import { chargedTo, moreUrgent } from "./classes.ts";
import type { Need, Waiting } from "./contract.ts";
import { ackedDownload, ackShare, basicFloor, classShare, guaranteeShare } from "./limits.ts";

/** A device's plan as computed afresh, with what has to be known to weigh it against the one before. */
export interface Draft {
  plan: DevicePlan;
  /** The least guarantee that is allowed. */
  floor: Both;
  /** A limit nobody may hold it above: a third party's cap. */
  cap: Both;
  /** Observed or ordered: raises do not wait. */
  urgent: boolean;
  /** Somebody ordered it: what is lowered does not wait. */
  ordered: boolean;
  /** What it holds beyond its need was for something nobody did: no pause of that is waited for. */
  corrected: boolean;
  /** Safety settles it: nothing of before is kept. */
  fixed: boolean;
  /** The policy says so: no block of before is kept either. */
  neverBlocked: boolean;
  /** Expected utility of the likely activities under a plan, 0 and up. */
  value(plan: DevicePlan): number;
}

/** Why something of before was kept. */
export type Held = "small" | "dwell" | "cost";

export interface Settled {
  plan: DevicePlan;
  held: Held | undefined;
}

/** What nobody uses costs nothing and is soon needed again: needing less must have lasted this many dwells. */
export const dwellsToRelease = 2;
/** Protection costs nothing either, and a doubt comes back. */
const dwellsToLoosen = 12;
const rateBand = 0.1;
const largestFloor = basicFloor + ackShare * ackedDownload;
/** A prediction that is a little surer is no reason to write. */
const predictedBand = 0.25;
/** A weight a quarter more alone moves hardly anything. */
const weightBand = 0.3;
/** A queue half as long again, or half as long, is no reason to write while the class stays. */
const latencyBand = 0.5;
/** Moving running flows to another class reorders them once: what that is worth, in expected utility. */
const classCost = 0.02;

/** What a plan is weighed with. */
export interface Weighing {
  at: Instant;
  /** The plan before is younger than `dwell`: predictions change nothing. */
  dwelling: boolean;
  /** ms. */
  dwell: number;
  shaper: Both;
  waiting: Waiting | undefined;
}

/** Weighs a fresh plan against the one before: raise fast, release slowly, and not for nothing. */
export function stabilise(
  drafts: readonly Draft[],
  before: ReadonlyMap<string, DevicePlan>,
  { at, dwelling, dwell, shaper, waiting }: Weighing,
): { settled: Settled[]; waiting: Waiting } {
  const next = new Map<string, { less?: Partial<Record<Need, Instant>>; looser?: Instant }>();
  const settled = drafts.map((draft): Settled => {
    const { device } = draft.plan;
    const previous = before.get(device);
    if (!previous || draft.fixed) return { plan: draft.plan, held: undefined };
    const known = waiting?.get(device);
    const lessOf = needsLess(draft.plan, previous);
    const since = {
      ...(lessOf.length > 0 ? { less: Object.fromEntries(lessOf.map((need) => [need, known?.less?.[need] ?? at])) } : {}),
      ...(isLooser(draft.plan, previous) ? { looser: known?.looser ?? at } : {}),
    };
    if (Object.keys(since).length > 0) next.set(device, since);
    const waits = (from: Instant | undefined, dwells: number) =>
      waiting !== undefined && !draft.ordered && from !== undefined && between(from, at) < dwells * dwell;
    const access = settleAccess(draft, previous, dwelling || waits(since.looser, dwellsToLoosen));
    const less: Partial<Record<Need, Instant>> = since.less ?? {};
    const holding = (need: Need) => !draft.corrected && (dwelling || waits(less[need], dwellsToRelease));
    const { qos, held } = settleQos(draft, previous, dwelling, holding);
    return { plan: { ...draft.plan, ...access, ...qos }, held };
  });
  const plans = settled.map(({ plan }) => plan);
  if (withinLimits(plans, drafts, shaper)) return { settled, waiting: next };
  // Somebody needs what others were about to keep: then nothing is kept beyond its need.
  return {
    settled: settled.map(({ plan }, i) => ({ plan: { ...plan, ...qosOf(drafts[i]!.plan) }, held: undefined })),
    waiting: new Map(),
  };
}

/** Of what less is needed, by more than what is no reason to write. */
const needsLess = (fresh: DevicePlan, previous: DevicePlan): Need[] => {
  const less = (now: number, was: number, band: number) => now < was && !near(now, was, band);
  return [
    ...(moreUrgent(previous.class, fresh.class) ? (["class"] as const) : []),
    ...directions.filter((direction) => less(fresh.guarantee[direction], previous.guarantee[direction], predictedBand)),
    ...(less(fresh.weight, previous.weight, weightBand) ? (["weight"] as const) : []),
    ...(less(previous.latencyTarget, fresh.latencyTarget, latencyBand) ? (["latencyTarget"] as const) : []),
  ];
};
const isLooser = (fresh: DevicePlan, previous: DevicePlan): boolean =>
  firewallLevels.indexOf(fresh.firewall) < firewallLevels.indexOf(previous.firewall) ||
  (["inboundClosed", "isolated", "malwareFilter"] as const).some((field) => previous[field] && !fresh[field]);

type Qos = Pick<DevicePlan, "class" | "dscp" | "guarantee" | "ceiling" | "weight" | "latencyTarget">;
const qosOf = ({ class: trafficClass, dscp, guarantee, ceiling, weight, latencyTarget }: DevicePlan): Qos => ({
  class: trafficClass,
  dscp,
  guarantee,
  ceiling,
  weight,
  latencyTarget,
});

/** Needing less of it has not lasted. */
type Holding = (need: Need) => boolean;
const needs: readonly Need[] = ["class", "down", "up", "weight", "latencyTarget"];

function settleQos(draft: Draft, previous: DevicePlan, dwelling: boolean, holding: Holding): { qos: Qos; held: Held | undefined } {
  const fresh = draft.plan;
  if (dwelling && !draft.urgent && isLegal(previous, draft))
    return { qos: qosOf(previous), held: differs(fresh, previous) ? "dwell" : undefined };
  const worthless =
    !draft.urgent && moreUrgent(fresh.class, previous.class) && draft.value(fresh) - draft.value(inClassOf(previous, fresh)) <= classCost;
  const released = holding("class") && moreUrgent(previous.class, fresh.class);
  const start = worthless || released ? inClassOf(previous, fresh) : fresh;
  const qos = settleNumbers(start, previous, draft, holding);
  const plan = { ...fresh, ...qos };
  if (!isLegal(plan, draft)) return { qos: qosOf(fresh), held: undefined };
  return { qos, held: !differs(fresh, plan) ? undefined : worthless ? "cost" : needs.some(holding) ? "dwell" : "small" };
}

/** A plan that keeps another's class, with the ceiling that belongs to it. */
const inClassOf = ({ class: trafficClass, dscp, ceiling }: DevicePlan, plan: DevicePlan): DevicePlan => ({
  ...plan,
  class: trafficClass,
  dscp,
  ceiling,
});

/** Number by number: what moved little stays; while holding, what would be lowered stays; a floor alone is lowered for nobody. */
function settleNumbers(fresh: DevicePlan, previous: DevicePlan, { floor, urgent }: Draft, holding: Holding): Qos {
  const band = urgent ? rateBand : predictedBand;
  const guarantee = both((direction) => {
    const [now, was] = [fresh.guarantee[direction], previous.guarantee[direction]];
    const floorsOnly = now <= floor[direction] && was <= largestFloor;
    return near(now, was, band) || (now < was && (holding(direction) || floorsOnly)) ? was : now;
  });
  const limit = (direction: Direction): number | null => {
    const [now, was] = [fresh.ceiling[direction], previous.ceiling[direction]];
    return now !== null && was !== null && was <= now && near(now, was, rateBand) ? was : now;
  };
  const settled = (now: number, was: number, band: number, wait: boolean) => (near(now, was, band) || wait ? was : now);
  const sameClass = fresh.class === previous.class;
  // Back to the usual delay is no gain that could not wait for the rest.
  const usual = !moreUrgent(fresh.class, previous.class);
  return {
    class: fresh.class,
    dscp: fresh.dscp,
    guarantee,
    ceiling: { down: limit("down"), up: limit("up") },
    weight: settled(fresh.weight, previous.weight, weightBand, holding("weight") && fresh.weight < previous.weight),
    latencyTarget: settled(fresh.latencyTarget, previous.latencyTarget, sameClass ? latencyBand : 0, holding("latencyTarget") && usual),
  };
}

/** Protection is tightened at once and, unless somebody ordered otherwise, loosened only after the dwell. */
function settleAccess({ plan: fresh, ordered, neverBlocked }: Draft, previous: DevicePlan, holding: boolean): Partial<DevicePlan> {
  if (!holding || ordered) return {};
  const blocking = neverBlocked && previous.firewall === "strict";
  const stricter = !blocking && firewallLevels.indexOf(previous.firewall) > firewallLevels.indexOf(fresh.firewall);
  return {
    inboundClosed: fresh.inboundClosed || previous.inboundClosed,
    isolated: fresh.isolated || previous.isolated,
    malwareFilter: fresh.malwareFilter || previous.malwareFilter,
    ...(stricter
      ? {
          firewall: previous.firewall,
          allowedApplications: [...new Set([...previous.allowedApplications, ...fresh.allowedApplications])].sort(),
        }
      : {}),
  };
}

const near = (now: number, was: number, band: number): boolean => now === was || Math.abs(now - was) < band * was;

const isLegal = (plan: DevicePlan, { floor, cap }: Draft): boolean =>
  everyWay((direction) => {
    const { guarantee, ceiling } = plan;
    const limit = ceiling[direction] ?? Number.POSITIVE_INFINITY;
    const capped = cap[direction] === Number.POSITIVE_INFINITY || limit <= cap[direction];
    return guarantee[direction] >= floor[direction] && guarantee[direction] <= limit && capped;
  });

const differs = (a: DevicePlan, b: DevicePlan): boolean =>
  a.class !== b.class ||
  a.weight !== b.weight ||
  a.latencyTarget !== b.latencyTarget ||
  directions.some((direction) => a.guarantee[direction] !== b.guarantee[direction] || a.ceiling[direction] !== b.ceiling[direction]);

/** All guarantees inside the line, and those of each class inside its share (or no worse than the fresh plan's). */
function withinLimits(plans: readonly DevicePlan[], drafts: readonly Draft[], shaper: Both): boolean {
  const floors = new Map(drafts.map(({ plan, floor }) => [plan.device, floor]));
  const fresh = drafts.map((draft) => draft.plan);
  return directions.every((direction) => {
    const promised = (list: readonly DevicePlan[], trafficClass: TrafficClass) =>
      list.reduce(
        (sum, plan) =>
          sum + (plan.class === trafficClass ? chargedTo(trafficClass, plan.guarantee, floors.get(plan.device)!)[direction] : 0),
        0,
      );
    if (plans.reduce((sum, plan) => sum + plan.guarantee[direction], 0) > shaper[direction] * guaranteeShare) return false;
    return trafficClasses.every(
      (trafficClass) =>
        promised(plans, trafficClass) <= Math.max(shaper[direction] * classShare(trafficClass), promised(fresh, trafficClass)),
    );
  });
}
