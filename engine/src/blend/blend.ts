import { baseProfile, everyday, type NetworkProfile, type Persona, type ProfileField, profileFields } from "@network-personas/personas";
import { BadInput, type BlendedProfile, type Distribution, type FieldExplanation, whenRead } from "../model/index.ts";
import { claimsOf, kindsOf } from "./claims.ts";
import type { BlendInput } from "./contract.ts";
import { formatValue } from "./format.ts";
import { rules } from "./rules/index.ts";
import { fieldValue, type Share } from "./rules/rule.ts";
import { quantum } from "./thresholds.ts";

/**
 * Mixes the profiles of the likely personas into one, field by field, by the rule each field declares.
 * @throws BadInput naming the field when the distribution is none over the known personas
 */
export function blend(input: BlendInput): BlendedProfile {
  const shares = settle(input, readShares(input.distribution, input));
  const suspects = suspectsOf(input, shares);
  const distribution = Object.fromEntries(shares.map(({ persona, p }) => [persona.id, p]));
  // "Nothing in particular" cannot make a prediction confident: only the activities count.
  const best = Math.max(0, ...shares.filter(({ persona }) => persona.id !== everyday).map(({ p }) => p));
  const onlyEveryday = shares.length === 1 && shares[0]!.persona.id === everyday;
  const acting = onlyEveryday || best >= input.confidenceFloor ? shares : [];

  const profile: Record<string, Record<string, unknown>> = Object.fromEntries(Object.keys(baseProfile).map((section) => [section, {}]));
  const settled = profileFields.map((field): Settled => {
    const { value, from } = rules[field.rule]({
      field,
      shares,
      suspects,
      acting,
      base: fieldValue(baseProfile, field),
      previous: input.previous && fieldValue(input.previous.profile, field),
      overridden: input.overridden,
      atStart: input.atStart,
    });
    profile[field.section]![field.name] = value;
    return { field, value, from };
  });
  const blended = {
    subject: input.subject,
    profile: profile as unknown as NetworkProfile,
    distribution,
    deviceKinds: kindsOf(shares),
    overridden: input.overridden,
    claims: claimsOf(acting),
  };
  return whenRead(blended, "explanation", explained(settled));
}

/** What a field came to, and by whom. */
interface Settled {
  field: ProfileField;
  value: unknown;
  from: readonly Share[];
}

/** On its own, because what waits to be read must not hold on to the profile before it. */
const explained = (settled: readonly Settled[]) => () =>
  settled.map(
    ({ field, value, from }): FieldExplanation => ({
      path: field.path,
      rule: field.rule,
      value: formatValue(field, value),
      from: from.map(({ persona, p }) => ({ persona: persona.id, probability: p, value: wantedBy(persona, field) })),
    }),
  );

/** What a persona asks of a field, as text. A persona is blended for everybody, minute by minute, so it is written out once. */
function wantedBy(persona: Persona, field: ProfileField): string {
  const known = wanted.get(persona) ?? new Map<string, string>();
  wanted.set(persona, known);
  const text = known.get(field.path) ?? formatValue(field, fieldValue(persona.profile, field));
  known.set(field.path, text);
  return text;
}
const wanted = new WeakMap<Persona, Map<string, string>>();

/** Personas with p > 0, most probable first. An override's persona counts as certain. */
function readShares(distribution: Distribution, { personas, confidenceFloor, overridden }: BlendInput): Share[] {
  if (!(confidenceFloor >= 0 && confidenceFloor <= 1))
    throw new BadInput("confidenceFloor", `is ${confidenceFloor}; expected a number from 0 to 1`);
  let sum = 0;
  const shares: Share[] = [];
  for (const [id, p] of Object.entries(distribution)) {
    const persona = personas.get(id);
    if (!persona)
      throw new BadInput(`distribution.${id}`, `there is no persona "${id}"; known are ${[...personas.keys()].sort().join(", ")}`);
    if (!(p >= 0 && p <= 1)) throw new BadInput(`distribution.${id}`, `is ${p}; a probability is a number from 0 to 1`);
    sum += p;
    if (p > 0) shares.push({ persona, p });
  }
  if (!(Math.abs(sum - 1) <= 1e-6))
    throw new BadInput("distribution", `sums to ${Number(sum.toPrecision(6))}; the probabilities of all personas together must be 1`);
  shares.sort((a, b) => b.p - a.p || (a.persona.id < b.persona.id ? -1 : 1));
  return overridden ? [{ persona: shares[0]!.persona, p: 1 }] : shares;
}

/** What other applications speak against is suspected as much as without them. What an owner ordered is certain. */
function suspectsOf({ unswayed, personas, overridden }: BlendInput, shares: readonly Share[]): readonly Share[] {
  if (!unswayed || overridden) return shares;
  const stated = new Map(shares.map(({ persona, p }) => [persona, p]));
  for (const [id, p] of Object.entries(unswayed)) {
    const persona = personas.get(id);
    if (persona && p > (stated.get(persona) ?? 0)) stated.set(persona, p);
  }
  return [...stated].map(([persona, p]) => ({ persona, p })).sort((a, b) => b.p - a.p || (a.persona.id < b.persona.id ? -1 : 1));
}

/** Where no probability moved by a quantum since the last blend, that blend's probabilities stand, so that noise changes nothing. */
function settle(input: BlendInput, shares: readonly Share[]): readonly Share[] {
  const { previous, personas, subject, overridden, atStart } = input;
  if (!previous || previous.subject !== subject || atStart || overridden || previous.overridden) return shares;
  const now = new Map(shares.map(({ persona, p }) => [persona.id, p]));
  const before = previous.distribution;
  const still = [...new Set([...now.keys(), ...Object.keys(before)])].every(
    (id) => personas.has(id) && Math.abs((now.get(id) ?? 0) - (before[id] ?? 0)) < quantum,
  );
  // A profile that was given by hand has no probabilities to go back to.
  return still && Object.keys(before).length > 0 ? readShares(before, input) : shares;
}
