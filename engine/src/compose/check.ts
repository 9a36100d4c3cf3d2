import { trafficClasses } from "@network-personas/personas";
import { BadInput, type BlendedProfile, type Constraint, type Instant, subjectsOf } from "../model/index.ts";
import { directions } from "./both.ts";
import type { ComposeInput } from "./contract.ts";

/** Constraints that still stand at an instant, in an order that does not depend on how they came. */
export function standing(constraints: readonly Constraint[], at: Instant): Constraint[] {
  const key = (constraint: Constraint) => `${constraint.subject} ${constraint.source} ${constraint.id}`;
  return constraints
    .filter((constraint) => constraint.expiresAt === undefined || constraint.expiresAt > at)
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Refuses constraints of which no plan could satisfy all: a floor above a cap for the same subject.
 * @throws BadInput naming the floor
 */
export function checkConstraints(constraints: readonly Constraint[], at: Instant): void {
  const all = standing(constraints, at);
  const nth = (constraint: Constraint) => `constraints[${constraints.indexOf(constraint)}]`;
  for (const [subject, mine] of Map.groupBy(all, (constraint) => constraint.subject)) {
    for (const constraint of mine) {
      for (const part of ["floor", "cap"] as const) {
        for (const direction of directions) checkRate(`${nth(constraint)}.${part}.${direction}`, constraint[part]?.[direction]);
      }
      const { weight } = constraint;
      if (weight !== undefined && !(weight >= 0.125 && weight <= 8))
        throw new BadInput(`${nth(constraint)}.weight`, `is ${weight}; expected 0.125 to 8`);
    }
    for (const direction of directions) {
      const floors = mine.filter((constraint) => constraint.floor?.[direction] !== undefined);
      const caps = mine.filter((constraint) => constraint.cap?.[direction] !== undefined);
      if (floors.length === 0 || caps.length === 0) continue;
      const floor = floors.reduce((a, b) => (b.floor![direction]! > a.floor![direction]! ? b : a));
      const cap = caps.reduce((a, b) => (b.cap![direction]! < a.cap![direction]! ? b : a));
      if (floor.floor![direction]! <= cap.cap![direction]!) continue;
      throw new BadInput(
        `${nth(floor)}.floor.${direction}`,
        `${floor.source} wants at least ${floor.floor![direction]} kbit/s for "${subject}" but ${cap.source} caps it at ${cap.cap![direction]} kbit/s; withdraw one of them`,
      );
    }
  }
}

/**
 * Refuses input that means nothing.
 * @throws BadInput naming the field
 */
export function checkInput({ at, home, profiles, constraints }: ComposeInput): void {
  for (const direction of directions) {
    const rate = home.wan[direction];
    if (!(rate > 0 && Number.isFinite(rate)))
      throw new BadInput(`home.wan.${direction}`, `is ${rate}; a line carries more than zero, give its measured rate`);
    if (Math.floor(rate * home.policy.shaperFraction) < 1)
      throw new BadInput(`home.wan.${direction}`, `is ${rate} kbit/s; expected at least 2 kbit/s`);
  }
  const subjects = new Set(subjectsOf(home).map((subject) => subject.id));
  const seen = new Set<string>();
  profiles.forEach((profile, i) => {
    if (!subjects.has(profile.subject))
      throw new BadInput(`profiles[${i}].subject`, `there is no person or ownerless device "${profile.subject}" in this home`);
    if (seen.has(profile.subject))
      throw new BadInput(`profiles[${i}].subject`, `"${profile.subject}" has two profiles; expected one per subject`);
    seen.add(profile.subject);
    checkProfile(profile, `profiles[${i}]`);
  });
  checkConstraints(constraints, at);
}

function checkProfile({ profile, claims, distribution }: BlendedProfile, field: string): void {
  for (const [persona, p] of Object.entries(distribution)) {
    if (!(p >= 0 && p <= 1)) throw new BadInput(`${field}.distribution.${persona}`, `is ${p}; a probability is a number from 0 to 1`);
  }
  for (const trafficClass of trafficClasses) {
    const need = profile.qos.demands[trafficClass]?.need;
    for (const direction of directions) checkLadder(`${field}.profile.qos.demands.${trafficClass}.need.${direction}`, need?.[direction]);
  }
  claims?.forEach((claim, i) => {
    for (const direction of directions) checkLadder(`${field}.claims[${i}].need.${direction}`, claim.need[direction]);
    if (!(claim.insured >= 0 && claim.insured <= 1))
      throw new BadInput(`${field}.claims[${i}].insured`, `is ${claim.insured}; expected a share from 0 to 1`);
    checkPositive(`${field}.claims[${i}].weight`, claim.weight);
    checkPositive(`${field}.claims[${i}].latencyTarget`, claim.latencyTarget);
  });
  checkPositive(`${field}.profile.qos.weight`, profile.qos.weight);
  checkPositive(`${field}.profile.qos.latencyTarget`, profile.qos.latencyTarget);
}

function checkLadder(field: string, rungs: readonly number[] | undefined): void {
  rungs?.forEach((rate, i) => {
    checkRate(`${field}[${i}]`, rate);
  });
}
function checkRate(field: string, rate: number | undefined): void {
  if (rate !== undefined && !(rate >= 0 && Number.isFinite(rate))) throw new BadInput(field, `is ${rate}; a rate is zero or more kbit/s`);
}
function checkPositive(field: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new BadInput(field, `is ${value}; expected a number above zero`);
}
