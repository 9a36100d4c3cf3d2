import { firewallLevels, trafficClasses } from "@network-personas/personas";
import type { DevicePlan } from "../model/index.ts";
import { type Both, both, type Direction, directions, everyWay } from "./both.ts";
import { moreUrgent } from "./classes.ts";
import { classShare, guaranteeShare } from "./limits.ts";

/** A device's plan as computed afresh, with what has to be known to weigh it against the one before. */
export interface Draft {
  plan: DevicePlan;
  /** The least guarantee that is allowed. */
  floor: Both;
  /** A limit nobody may hold it above: a third party's cap. */
  cap: Both;
  /** Observed or ordered: raises do not wait. */
  urgent: boolean;
  /** Safety settles it: nothing of before is kept. */
  fixed: boolean;
  /** The policy says so: no restriction of before is kept either. */
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

const rateBand = 0.1;
const weightBand = 0.15;
/** Moving running flows to another class reorders them once: what that is worth, in expected utility. */
const classCost = 0.02;

/** Weighs a fresh plan against the one before: raise fast, release slowly, and not for nothing. */
export function stabilise(drafts: readonly Draft[], before: ReadonlyMap<string, DevicePlan>, dwelling: boolean, shaper: Both): Settled[] {
  const settled = drafts.map((draft): Settled => {
    const previous = before.get(draft.plan.device);
    if (!previous || draft.fixed) return { plan: draft.plan, held: undefined };
    const access = settleAccess(draft, previous, dwelling);
    const { qos, held } = settleQos(draft, previous, dwelling);
    return { plan: { ...draft.plan, ...access, ...qos }, held };
  });
  if (
    withinLimits(
      settled.map(({ plan }) => plan),
      drafts,
      shaper,
    )
  )
    return settled;
  // Somebody needs what others were about to keep: then nothing is kept beyond its need.
  return settled.map(({ plan }, i) => ({ plan: { ...plan, ...qosOf(drafts[i]!.plan) }, held: undefined }));
}

type Qos = Pick<DevicePlan, "class" | "dscp" | "guarantee" | "ceiling" | "weight" | "latencyTarget">;
const qosOf = ({ class: trafficClass, dscp, guarantee, ceiling, weight, latencyTarget }: DevicePlan): Qos => ({
  class: trafficClass,
  dscp,
  guarantee,
  ceiling,
  weight,
  latencyTarget,
});

function settleQos(draft: Draft, previous: DevicePlan, dwelling: boolean): { qos: Qos; held: Held | undefined } {
  const fresh = draft.plan;
  if (dwelling && !draft.urgent && isLegal(previous, draft))
    return { qos: qosOf(previous), held: differs(fresh, previous) ? "dwell" : undefined };
  const worthless =
    !draft.urgent && moreUrgent(fresh.class, previous.class) && draft.value(fresh) - draft.value(inClassOf(previous, fresh)) <= classCost;
  const released = dwelling && moreUrgent(previous.class, fresh.class);
  const start = worthless || released ? inClassOf(previous, fresh) : fresh;
  const qos = settleNumbers(start, previous, dwelling);
  const plan = { ...fresh, ...qos };
  if (!isLegal(plan, draft)) return { qos: qosOf(fresh), held: undefined };
  return { qos, held: !differs(fresh, plan) ? undefined : worthless ? "cost" : dwelling ? "dwell" : "small" };
}

/** A plan that keeps another's class, with the ceiling that belongs to it. */
const inClassOf = ({ class: trafficClass, dscp, ceiling }: DevicePlan, plan: DevicePlan): DevicePlan => ({
  ...plan,
  class: trafficClass,
  dscp,
  ceiling,
});

/** Number by number: what moved little stays; while dwelling, what would be lowered stays. */
function settleNumbers(fresh: DevicePlan, previous: DevicePlan, dwelling: boolean): Qos {
  const guarantee = both((direction) => {
    const [now, was] = [fresh.guarantee[direction], previous.guarantee[direction]];
    return near(now, was, rateBand) || (dwelling && now < was) ? was : now;
  });
  const limit = (direction: Direction): number | null => {
    const [now, was] = [fresh.ceiling[direction], previous.ceiling[direction]];
    return now !== null && was !== null && was <= now && near(now, was, rateBand) ? was : now;
  };
  const settled = (now: number, was: number, lower: boolean) => (near(now, was, weightBand) || (dwelling && lower) ? was : now);
  return {
    class: fresh.class,
    dscp: fresh.dscp,
    guarantee,
    ceiling: { down: limit("down"), up: limit("up") },
    weight: settled(fresh.weight, previous.weight, fresh.weight < previous.weight),
    latencyTarget: settled(fresh.latencyTarget, previous.latencyTarget, fresh.latencyTarget > previous.latencyTarget),
  };
}

/** Protection is tightened at once and, unless somebody ordered otherwise, loosened only after the dwell. */
function settleAccess({ plan: fresh, urgent, neverBlocked }: Draft, previous: DevicePlan, dwelling: boolean): Partial<DevicePlan> {
  if (!dwelling || urgent || neverBlocked) return {};
  const stricter = firewallLevels.indexOf(previous.firewall) > firewallLevels.indexOf(fresh.firewall);
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
  return directions.every((direction) => {
    const sum = (list: readonly DevicePlan[], trafficClass?: string) =>
      list.reduce((total, plan) => total + (trafficClass === undefined || plan.class === trafficClass ? plan.guarantee[direction] : 0), 0);
    if (sum(plans) > shaper[direction] * guaranteeShare) return false;
    const fresh = drafts.map((draft) => draft.plan);
    return trafficClasses.every(
      (trafficClass) => sum(plans, trafficClass) <= Math.max(shaper[direction] * classShare(trafficClass), sum(fresh, trafficClass)),
    );
  });
}
