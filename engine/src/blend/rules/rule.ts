import type { NetworkProfile, Persona, ProfileField } from "@network-personas/personas";

/** A persona with its probability. */
export interface Share {
  persona: Persona;
  p: number;
}

/** Everything a rule may look at to mix one field. */
export interface RuleInput<T = unknown> {
  field: ProfileField;
  /** Personas with p > 0, most probable first. */
  shares: readonly Share[];
  /** The same as far as suspicion goes: personas that other applications spoke against count as if nobody had. */
  suspects: readonly Share[];
  /** The shares, or none at all below the confidence floor: the base layer stands. */
  acting: readonly Share[];
  /** The base layer's value. */
  base: T;
  /** What the subject had before; undefined when it had nothing. */
  previous: T | undefined;
  overridden: boolean;
  atStart: boolean;
}

/** A mixed value and the personas it came from; none when the base layer's value stands. */
export interface RuleResult<T = unknown> {
  value: T;
  from: readonly Share[];
}

/** One way of mixing a field. */
export type Rule<T> = (input: RuleInput<T>) => RuleResult<T>;

/** The value of a field in a profile. The schema that declared the field and its rule vouches for the type. */
export function fieldValue<T>(profile: NetworkProfile, field: ProfileField): T {
  return (profile[field.section] as Record<string, unknown>)[field.name] as T;
}
/** What a persona wants in the field a rule is about. */
export const wanted = <T>(input: RuleInput<T>, share: Share): T => fieldValue<T>(share.persona.profile, input.field);
