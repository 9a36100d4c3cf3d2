import type { SubjectState } from "@network-personas/engine/model";
import type { AccessorySpec } from "./accessory-spec.ts";

/** Something the engine is told because of a switch. */
export type Order =
  /** This persona now, whatever is predicted. */
  | { kind: "force"; subject: string; persona: string }
  /** What is active stays so: the owner wants no change, but did not say what is really going on. */
  | { kind: "hold"; subject: string; persona: string }
  /** The engine decides again. */
  | { kind: "release"; subject: string }
  | { kind: "place"; subject: string; home: boolean };

export const isForced = (person: SubjectState): boolean => person.decidedBy === "override";
const isForcedTo = (person: SubjectState, persona: string): boolean => isForced(person) && person.active === persona;
/** Who is not known to be away counts: a home without presence has switches that work. */
const isPresent = (person: SubjectState): boolean => person.home !== false;

/** From this probability on a persona counts as likely. */
const likelyFrom = 0.3;

/** When it is, and how far ahead "soon" reaches. Milliseconds. */
export interface Moment {
  now: number;
  soon: number;
}

/** What an accessory shows; undefined when the engine does not know the person. */
export function isOn(spec: AccessorySpec, people: readonly SubjectState[], moment: Moment): boolean | undefined {
  if (spec.subject === null) {
    const present = people.filter(isPresent);
    return spec.kind === "automatic"
      ? !people.some(isForced)
      : present.length > 0 && present.every((person) => isForcedTo(person, spec.persona));
  }
  const person = people.find(({ subject }) => subject === spec.subject);
  if (!person) return undefined;
  switch (spec.kind) {
    case "automatic":
      return !isForced(person);
    case "persona":
      return isForcedTo(person, spec.persona);
    case "presence":
      return person.home === true;
    case "active":
      return person.active === spec.persona;
    case "likely":
      return isLikely(person, spec.persona, moment);
  }
}

/** A persona that is not active yet, but is about to be as far as anybody can tell. */
function isLikely(person: SubjectState, persona: string, { now, soon }: Moment): boolean {
  if (person.active === persona) return false;
  const { next } = person;
  const comes = next?.persona === persona && next.probability >= likelyFrom && Date.parse(next.at) - now <= soon;
  return comes || (person.distribution[persona] ?? 0) >= likelyFrom;
}

/** What flipping a switch orders. Nothing when it asks for what is so, or ends what is not: an inactive persona off changes nothing. */
export function ordersOf(spec: AccessorySpec, on: boolean, people: readonly SubjectState[]): Order[] {
  const concerned = spec.subject === null ? people : people.filter(({ subject }) => subject === spec.subject);
  switch (spec.kind) {
    case "automatic":
      return on ? concerned.filter(isForced).map(release) : concerned.filter((person) => !isForced(person)).map(hold);
    case "persona": {
      const { persona } = spec;
      if (on)
        return concerned.filter((p) => spec.subject !== null || isPresent(p)).map(({ subject }) => ({ kind: "force", subject, persona }));
      // Who left meanwhile is set free along with those who are here.
      return isOn(spec, people, { now: 0, soon: 0 }) ? concerned.filter((person) => isForcedTo(person, persona)).map(release) : [];
    }
    case "presence":
      return concerned.map(({ subject }) => ({ kind: "place", subject, home: on }));
    default:
      return [];
  }
}

const release = ({ subject }: SubjectState): Order => ({ kind: "release", subject });
const hold = ({ subject, active }: SubjectState): Order => ({ kind: "hold", subject, persona: active });

/** A person as the engine will tell when it has followed the order; `until` when that is known. */
export function expected(person: SubjectState, order: Order, until: string | null = null): SubjectState {
  switch (order.kind) {
    case "force":
    case "hold":
      return { ...person, active: order.persona, decidedBy: "override", until, distribution: { [order.persona]: 1 } };
    case "release":
      return isForced(person) ? { ...person, decidedBy: "prediction", until: null } : person;
    case "place":
      return { ...person, home: order.home };
  }
}
