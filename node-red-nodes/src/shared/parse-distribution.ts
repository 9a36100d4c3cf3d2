import { everyday } from "@network-personas/personas";
import { BadMessage, quote } from "./bad-message.ts";
import { type Directory, personaId } from "./directory.ts";
import { decode, isFields, numberOf, textOf } from "./values.ts";

/**
 * Reads a distribution over personas: {persona: p}, percentages, weights, [{persona, probability}], one persona by id or name,
 * or anything with a `distribution`. What is missing to 1 goes to `everyday`; what is above is scaled down.
 */
export function parseDistribution(payload: unknown, directory: Directory): Record<string, number> {
  const value = decode(payload);
  if (typeof value === "string" && value !== "") return { [personaId(directory, value)]: 1 };
  if (isFields(value) && isFields(value.distribution)) return parseDistribution(value.distribution, directory);
  const entries = Array.isArray(value) ? value.map(listEntry) : isFields(value) ? Object.entries(value) : [];
  if (entries.length === 0) throw new BadMessage("distribution", { got: quote(value ?? null) });
  const weights: Record<string, number> = {};
  for (const [name, given] of entries) {
    const weight = percentOf(given);
    if (weight === undefined || weight < 0) throw new BadMessage("probability", { persona: quote(name), got: quote(given ?? null) });
    const id = personaId(directory, name);
    weights[id] = (weights[id] ?? 0) + weight;
  }
  return normalised(weights);
}

function listEntry(entry: unknown): [string, unknown] {
  if (!isFields(entry)) throw new BadMessage("distribution", { got: quote(entry) });
  const persona = textOf(entry, "persona", "id", "name");
  if (!persona) throw new BadMessage("distribution", { got: quote(entry) });
  return [persona, entry.probability ?? entry.p ?? entry.weight];
}

/** 0.7, "0.7" and "70 %" are the same; undefined for what is no number. */
function percentOf(value: unknown): number | undefined {
  const percent = typeof value === "string" ? /^(.*\d)\s*%$/.exec(value.trim()) : null;
  if (!percent) return numberOf(value);
  const number = numberOf(percent[1]);
  return number === undefined ? undefined : number / 100;
}

function normalised(weights: Record<string, number>): Record<string, number> {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  if (total <= 1) return { ...weights, [everyday]: (weights[everyday] ?? 0) + (1 - total) };
  return Object.fromEntries(Object.entries(weights).map(([id, weight]) => [id, weight / total]));
}

/** The persona a distribution says is most likely; ties go to the first by id. */
export function mostLikely(distribution: Readonly<Record<string, number>>): { persona: string; probability: number } {
  const [persona, probability] = Object.entries(distribution).reduce(
    (best, entry) => (entry[1] > best[1] || (entry[1] === best[1] && entry[0] < best[0]) ? entry : best),
    [everyday, -1],
  );
  return { persona, probability: Math.max(0, probability) };
}
