import { type Constraint, type Refusal, sentence } from "../model/index.ts";
import { type Both, both } from "./both.ts";
import type { Household } from "./household.ts";
import { refusal } from "./words.ts";

/** What third parties together ask for one subject. */
export interface Control {
  /** Highest floor and lowest cap of all, kbit/s. */
  floor: Both;
  cap: Both;
  weight: number | undefined;
  blockApplications: readonly string[];
  tighten: ReadonlySet<Constraint["tighten"][number]>;
  sources: readonly string[];
}

const min = (rates: readonly (number | undefined)[]) => Math.min(Number.POSITIVE_INFINITY, ...rates.filter((rate) => rate !== undefined));
const max = (rates: readonly (number | undefined)[]) => Math.max(0, ...rates.filter((rate) => rate !== undefined));

/** Standing constraints by subject. Those for subjects the home does not have (any more) are refused, not an error: they outlive an edited home. */
export function controlsOf(constraints: readonly Constraint[], household: Household, refusals: Refusal[]): Map<string, Control> {
  const controls = new Map<string, Control>();
  for (const [subject, mine] of Map.groupBy(constraints, (constraint) => constraint.subject)) {
    const sources = [...new Set(mine.map((constraint) => constraint.source))];
    if (household.devicesOf(subject).length === 0) {
      refusals.push(refusal({ subject, device: null }, sentence("whatConstraint", { sources }), sentence("nothingToTouch", { subject })));
      continue;
    }
    const weights = mine.map((constraint) => constraint.weight).filter((weight) => weight !== undefined);
    controls.set(subject, {
      floor: both((direction) => max(mine.map((constraint) => constraint.floor?.[direction]))),
      cap: both((direction) => min(mine.map((constraint) => constraint.cap?.[direction]))),
      weight: weights.length === 0 ? undefined : Math.max(...weights),
      blockApplications: [...new Set(mine.flatMap((constraint) => constraint.blockApplications))].sort(),
      tighten: new Set(mine.flatMap((constraint) => constraint.tighten)),
      sources,
    });
  }
  return controls;
}
