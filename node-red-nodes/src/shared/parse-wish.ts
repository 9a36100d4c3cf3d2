import { BadMessage } from "./bad-message.ts";
import { type Directory, personaId } from "./directory.ts";
import { parseDistribution } from "./parse-distribution.ts";
import { decode, type Fields, idLike, isFields, numberOf, textOf } from "./values.ts";

const profileParts = ["qos", "bandwidth", "security", "applications", "vpn", "dns"];
const backWords = new Set([
  "auto",
  "automatic",
  "automatik",
  "automatisch",
  "none",
  "null",
  "clear",
  "release",
  "withdraw",
  "reset",
  "off",
  "aus",
  "false",
  "0",
]);

/** The words (and false, null) that mean "back to what the engine thinks". */
export const meansBack = (value: unknown): boolean =>
  value === null || value === false || value === 0 || (typeof value === "string" && backWords.has(idLike(value)));
const meansOn = (value: unknown): boolean =>
  value === true || value === 1 || (typeof value === "string" && ["on", "true", "1", "an", "force"].includes(idLike(value)));

/** What a flow wants of a subject's network: a profile, a distribution to blend, or its last proposal gone. */
export type Wish = { profile: Fields } | { distribution: Record<string, number> } | "withdraw";

/** Reads what to propose out of a payload: a (partial) network profile, any distribution, a persona, or a word that takes it back. */
export function parseWish(payload: unknown, directory: Directory): Wish {
  const value = decode(payload);
  if (meansBack(value)) return "withdraw";
  if (isFields(value)) {
    if (isFields(value.profile)) return { profile: value.profile };
    if (Object.keys(value).some((key) => profileParts.includes(key))) return { profile: value };
  }
  return { distribution: parseDistribution(value, directory) };
}

/** What the owner orders; `persona` null is back to automatic. */
export interface Order {
  persona: string | null;
  subject?: string;
  /** Seconds. */
  ttl?: number;
}

/**
 * Reads an order out of a payload. With a persona set in the node, true/"on" (or anything that is no order) forces it and
 * false/"off"/"auto" returns to automatic, as a switch does; without one the payload names the persona.
 */
export function parseOrder(payload: unknown, configured: string, directory: Directory): Order {
  const value = decode(payload);
  const fields = isFields(value) ? value : {};
  const subject = textOf(fields, "subject");
  const ttl = numberOf(fields.ttl);
  const rest = { ...(subject && { subject }), ...(ttl !== undefined && { ttl }) };
  const named = isFields(value) ? fields.persona : value;
  if (meansBack(named)) return { persona: null, ...rest };
  if (configured !== "") return { persona: backWords.has(idLike(configured)) ? null : personaId(directory, configured), ...rest };
  if (typeof named !== "string" || named.trim() === "" || meansOn(named)) throw new BadMessage("noPersona");
  return { persona: personaId(directory, named), ...rest };
}
