import type { Persona } from "@network-personas/personas";
import { parse, stringify } from "yaml";

/** The plain content of a YAML text. */
export const plainContent = (text: string): Record<string, unknown> =>
  (parse(text, { maxAliasCount: 50 }) ?? {}) as Record<string, unknown>;

/** A new YAML text of a JSON document. */
export const yamlOf = (value: unknown): string => stringify(value);

/** A persona in the form it is written: the same, with its duration as text. */
export const personaDocument = (persona: Persona): Record<string, unknown> => ({ ...persona, leadTime: `PT${persona.leadTime / 1000}S` });
