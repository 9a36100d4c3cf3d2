import { classTable, type TrafficClass } from "@network-personas/personas";
import type { Device, DevicePlan } from "../model/index.ts";
import { type Both, both, type Direction } from "./both.ts";
import type { Control } from "./controls.ts";
import type { Household } from "./household.ts";
import { priorityClasses } from "./limits.ts";
import { nearestClass } from "./lowering.ts";
import { quantiseRate } from "./quantise.ts";

export const unlimited: DevicePlan["ceiling"] = { down: null, up: null };

/** Shares of the line that background activities leave a device; 1 is no limit. */
export function backgroundShare(device: Device, household: Household): Both {
  const given = household.profiles.get(household.subjectOf(device.id));
  if (!given || (given.deviceKinds.length > 0 && !given.deviceKinds.includes(device.kind))) return { down: 1, up: 1 };
  const { ceilingDown, ceilingUp } = given.profile.bandwidth;
  return { down: ceilingDown, up: ceilingUp };
}

/**
 * The lowest of what background activities, third parties and the device's class allow, never below what it is promised.
 * A class limits only on a router that has it: there is no price without the priority.
 */
export function ceilingOf(limits: {
  share: Both;
  trafficClass: TrafficClass;
  control: Control | undefined;
  guarantee: Both;
  shaper: Both;
  /** Classes the router has in which all of a device goes first. */
  classes: readonly TrafficClass[];
}): DevicePlan["ceiling"] {
  const { share, control, guarantee, shaper } = limits;
  const ofClass = classCeiling(nearestClass(limits.trafficClass, limits.classes));
  const limit = (direction: Direction): number | null => {
    const wanted = Math.min(shaper[direction] * Math.min(share[direction], ofClass), control?.cap[direction] ?? Number.POSITIVE_INFINITY);
    return wanted >= shaper[direction] ? null : Math.max(quantiseRate(wanted), guarantee[direction]);
  };
  return { down: limit("down"), up: limit("up") };
}

/**
 * Largest share of the line a device of a priority class may take, so that a bulk transfer mistaken for urgent traffic
 * starves nobody. The same however unlikely the activity is: the less likely, the likelier is the mistake.
 */
const classCeiling = (trafficClass: TrafficClass): number =>
  priorityClasses.includes(trafficClass) ? classTable[trafficClass].ceiling : 1;

/** A cap below what safety or the owner's order gives yields to it. */
export const capOf = (control: Control | undefined, overridden: boolean, guarantee: Both): Both =>
  both((direction) => (control && !overridden ? Math.max(control.cap[direction], guarantee[direction]) : Number.POSITIVE_INFINITY));
