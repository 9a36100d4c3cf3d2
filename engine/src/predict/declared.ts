import { everyday, type Persona } from "@network-personas/personas";
import type { FeatureVector } from "../model/index.ts";
import type { StatedInput } from "./core/evidence.ts";
import { calendarSign, deviceSign, ongoing, placeSign, timeSign } from "./signs.ts";

/** Log-likelihood ratio of a sign of strength s: (1 + s) / (1 - s), so that 0 says nothing and 0.9 says nineteen to one. */
export const likelihood = (strength: number): number => Math.log((1 + strength) / (1 - Math.min(strength, surest)));
const surest = 0.97;

/** A declared place or time that does not hold speaks against the persona. */
const elsewhere = -2.5;
const otherTime = -0.7;
/** No third party moves a persona by more than e^4. */
const loudest = 4;
/** A word in the calendar is said by the person, not guessed by us. */
const calendarTrust = 1.5;

/** A device that just came on says more than one that is always on. */
const freshness = (minutesPresent: number) => 0.35 + 0.65 * 2 ** (-minutesPresent / 120);

/** What to expect of each persona before anything is known. */
export function priorShares(personas: readonly Persona[], appliesTo: FeatureVector["appliesTo"]): number[] {
  const quiet = appliesTo === "person" ? 0.6 : 0.3;
  const others = personas.filter((p) => p.id !== everyday).length;
  if (others === personas.length) return personas.map(() => 1 / personas.length);
  return personas.map((p) => (p.id !== everyday ? (1 - quiet) / others : others === 0 ? 1 : quiet));
}

function time(persona: Persona, features: FeatureVector): number {
  // A camera does not sleep.
  if (features.appliesTo === "device" && persona.id === everyday) return 0;
  const { strength } = timeSign(persona, features);
  if (strength > 0) return likelihood(strength);
  return persona.signs.times.length > 0 && persona.id !== everyday ? otherTime : 0;
}

function place(persona: Persona, features: FeatureVector): number {
  if (features.place === undefined || persona.signs.locations.length === 0) return 0;
  const { strength } = placeSign(persona, features);
  if (strength > 0) return likelihood(strength);
  return persona.id === everyday ? 0 : elsewhere;
}

function thirdParties(persona: Persona, features: FeatureVector): number {
  return features.evidence.reduce((sum, { logOdds }) => sum + Math.max(-loudest, Math.min(loudest, logOdds[persona.id] ?? 0)), 0);
}

/** The same moment with only those devices that were there when what is going on began. */
function withoutNews(features: FeatureVector): FeatureVector {
  const since = ongoing(features)?.minutes ?? 0;
  const old = (devices: FeatureVector["devices"]) => devices.filter((d) => d.minutesPresent >= since);
  return { ...features, devices: old(features.devices), shared: old(features.shared) };
}

/**
 * What is going on began in spite of everything that was there to be seen: signs that are no news say when something else
 * may follow, but not that it must end. So it is as well signed as the best of the others by `old`, if it is sure.
 */
function settler(personas: readonly Persona[], features: FeatureVector) {
  const running = ongoing(features);
  const at = running && running.persona !== everyday ? personas.findIndex((p) => p.id === running.persona) : -1;
  return (evidence: number[], old = evidence): number[] => {
    if (!running || at < 0) return evidence;
    const missing = Math.max(0, Math.max(...old) - evidence[at]!);
    return evidence.with(at, evidence[at]! + (running.weight ?? 1) * missing);
  };
}

/** What persona files and third parties say about a moment, as log-odds per persona and input. */
export function statedEvidence(personas: readonly Persona[], features: FeatureVector): Record<StatedInput, number[]> {
  const each = (say: (persona: Persona) => number) => personas.map(say);
  const settled = settler(personas, features);
  const device = (f: FeatureVector) => each((p) => likelihood(deviceSign(p, f, freshness).strength));
  return {
    "declared-time": settled(each((p) => time(p, features))),
    "declared-place": each((p) => place(p, features)),
    "declared-device": settled(device(features), device(withoutNews(features))),
    "declared-calendar": each((p) => calendarTrust * likelihood(calendarSign(p, features).strength)),
    stated: each((p) => thirdParties(p, features)),
  };
}
