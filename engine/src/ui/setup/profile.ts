import { rateText } from "./edits.ts";

/** The part of JSON Schema that a profile's schema uses. */
export interface FieldSchema {
  title?: string;
  description?: string;
  type?: string;
  enum?: readonly string[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, FieldSchema>>;
  propertyNames?: { enum?: readonly string[] };
  "x-unit"?: string;
  "x-blend"?: string;
}
/** What the engine says a profile can say. */
export interface ProfileForm {
  schema: FieldSchema;
  applications: readonly { id: string; name: string; class: string }[];
}

export interface Demand {
  applications: string[];
  need: { down: (number | string)[]; up: (number | string)[] };
  want: { down?: number | string; up?: number | string };
}
/** A profile as a persona's document holds it, by section and field. */
export type Profile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How a field is asked for. */
export type Widget = "demands" | "tick" | "choice" | "percent" | "number" | "applications" | "tunnel";
export interface Field {
  /** "qos.weight" */
  path: string;
  section: string;
  name: string;
  widget: Widget;
  schema: FieldSchema;
}

/** What a field asks for follows from its schema alone: a new field of a profile has its input at once. */
function widgetOf(schema: FieldSchema): Widget {
  if (schema.propertyNames?.enum) return "demands";
  if (schema.type === "boolean") return "tick";
  if (schema.enum) return "choice";
  if (schema.type === "array") return "applications";
  if (schema.type === "number") return schema["x-blend"] === "ceiling" ? "percent" : "number";
  return "tunnel";
}

export const fieldsOf = ({ properties = {} }: FieldSchema): Field[] =>
  Object.entries(properties).flatMap(([section, { properties: fields = {} }]) =>
    Object.entries(fields).map(([name, schema]) => ({ path: `${section}.${name}`, section, name, widget: widgetOf(schema), schema })),
  );

/** Name of the input of a part of a profile. */
export const inputName = (path: string): string => `profile.${path}`;
const ways = ["down", "up"] as const;

/** Something typed that a field cannot be; `reason` is a key of the words. */
export class BadField extends Error {
  readonly path: string;
  readonly reason: "badRates" | "badRate" | "badNumber";
  readonly values: Readonly<Record<string, number>>;
  constructor(path: string, reason: BadField["reason"], values: Readonly<Record<string, number>> = {}) {
    super(path);
    this.path = path;
    this.reason = reason;
    this.values = values;
  }
}

/**
 * A profile with what was typed and chosen (inputs by their names); what was not touched stays as it is.
 * @throws BadField
 */
export function profileWith(profile: Profile, fields: readonly Field[], answers: Readonly<Record<string, string>>): Profile {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const field of fields) {
    sections[field.section] ??= {};
    sections[field.section]![field.name] = fieldWith(field, profile[field.section]?.[field.name], answers);
  }
  return sections;
}

function fieldWith({ path, widget, schema }: Field, value: unknown, answers: Readonly<Record<string, string>>): unknown {
  if (widget === "demands") return demandsWith(value as Record<string, Demand>, path, answers);
  if (widget === "applications") return chosenWith(value as string[], path, answers);
  const typed = answers[inputName(path)];
  if (typed === undefined) return value;
  if (widget === "tick") return typed === "on";
  if (widget === "choice") return typed;
  if (widget === "tunnel") return typed === "" ? null : typed;
  const { from, to } = limitsOf(widget, schema);
  const number = Number(typed.trim().replace(",", "."));
  if (typed.trim() === "" || !(number >= from && number <= to)) throw new BadField(path, "badNumber", { from, to });
  return widget === "percent" ? number / 100 : number;
}

/** What may be typed for a number. */
function limitsOf(widget: Widget, { minimum, exclusiveMinimum, maximum }: FieldSchema): { from: number; to: number } {
  const [from, to] = [minimum ?? exclusiveMinimum ?? 0, maximum ?? Number.MAX_SAFE_INTEGER];
  // A share of nothing is excluded: one percent is the least that is worth typing.
  return widget === "percent" ? { from: Math.max(1, from * 100), to: to * 100 } : { from, to };
}

function demandsWith(demands: Readonly<Record<string, Demand>>, path: string, answers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(demands).map(([name, demand]) => {
      const at = `${path}.${name}`;
      const typed = (part: string) => answers[inputName(`${at}.${part}`)];
      const rungs = (way: "down" | "up") => {
        const text = typed(`need.${way}`);
        return text === undefined ? demand.need[way] : ratesOf(text, `${at}.need.${way}`);
      };
      const want: Demand["want"] = {};
      for (const way of ways) {
        const text = typed(`want.${way}`);
        const rate = text === undefined ? demand.want[way] : text.trim() === "" ? undefined : rateText(text);
        if (rate === null) throw new BadField(`${at}.want.${way}`, "badRate");
        if (rate !== undefined) want[way] = rate;
      }
      return [
        name,
        {
          applications: chosenWith(demand.applications, `${at}.applications`, answers),
          need: { down: rungs("down"), up: rungs("up") },
          want,
        },
      ];
    }),
  );
}

/** "3 Mbit/s; 2,5 Mbit/s": a comma with a space parts two rates, without one it is a decimal comma. */
function ratesOf(text: string, path: string): string[] {
  const parts = text.split(/\s*;\s*|,\s+/).filter((part) => part.trim() !== "");
  const rates = parts.map(rateText);
  if (rates.includes(null)) throw new BadField(path, "badRates");
  return rates as string[];
}

const chosenWith = (chosen: readonly string[], path: string, answers: Readonly<Record<string, string>>): string[] => {
  const prefix = `${inputName(path)}.`;
  const said = Object.entries(answers).filter(([name]) => name.startsWith(prefix));
  const added = said.filter(([, value]) => value === "on").map(([name]) => name.slice(prefix.length));
  const removed = new Set(said.filter(([, value]) => value !== "on").map(([name]) => name.slice(prefix.length)));
  return [...new Set([...chosen.filter((id) => !removed.has(id)), ...added])];
};

/** A demand of nothing yet. */
export const emptyDemand = (): Demand => ({ applications: [], need: { down: [], up: [] }, want: {} });

/** With the demand of one class under another (null: without it), in the order classes have; what was typed for it comes along. */
export function movedDemand(
  demands: Readonly<Record<string, Demand>>,
  order: readonly string[],
  from: string,
  to: string | null,
  answers: Record<string, string>,
): Record<string, Demand> {
  const { [from]: moved = emptyDemand(), ...rest } = demands;
  const prefix = `${inputName("qos.demands")}.${from}.`;
  for (const [name, value] of Object.entries(answers)) {
    if (!name.startsWith(prefix)) continue;
    delete answers[name];
    if (to !== null) answers[`${inputName("qos.demands")}.${to}.${name.slice(prefix.length)}`] = value;
  }
  const next: Record<string, Demand> = to === null ? rest : { ...rest, [to]: moved };
  return Object.fromEntries(order.flatMap((name) => (next[name] ? [[name, next[name]]] : [])));
}

/** The input that an error of the engine is about: "profile.qos.demands.bulk.want.down" or a part of it; undefined when none is. */
export const inputOf = (field: string, names: readonly string[]): string | undefined =>
  names.filter((name) => field === name || field.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0];
