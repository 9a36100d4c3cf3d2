import { code, table } from "./markdown.ts";

/** The part of JSON Schema that our schemas use. */
export interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  propertyNames?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
}

/** Every field of a file: its path, what may stand there, what it means. */
export function schemaTable(schema: JsonSchema): string {
  return table(["field", "value", "default", "meaning"], fieldsOf(schema, ""));
}

function fieldsOf(schema: JsonSchema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}${name}`;
    const required = schema.required?.includes(name) && field.default === undefined;
    const row = [code(at), allowedIn(field), required ? "required" : defaultOf(field), field.description ?? ""];
    // An object that says nothing of its own is told by its fields.
    return field.properties && !field.description ? inside(field, at) : [row, ...inside(field, at)];
  });
}

/** Fields below a field: of an object, of a list's elements, of a mapping's values. */
function inside(field: JsonSchema, at: string): string[][] {
  if (field.properties) return fieldsOf(field, `${at}.`);
  if (field.items) return inside(field.items, `${at}[]`);
  if (typeof field.additionalProperties === "object") return inside(field.additionalProperties, `${at}.<key>`);
  return [];
}

function defaultOf({ default: value }: JsonSchema): string {
  const isEmpty = value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return isEmpty ? "" : code(JSON.stringify(value));
}

function allowedIn(schema: JsonSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(allowedIn))].join(" or ");
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.items) return `list of ${schema.items.properties ? "objects" : allowedIn(schema.items)}`;
  if (schema.properties) return code(`{ ${Object.keys(schema.properties).join(", ")} }`);
  if (typeof schema.additionalProperties === "object")
    return `mapping by ${schema.propertyNames?.enum ? schema.propertyNames.enum.map((key) => code(String(key))).join(", ") : "id"}`;
  return `${schema.type ?? "anything"}${rangeOf(schema)}`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum, type }: JsonSchema): string {
  if (type !== "number" && type !== "integer") return "";
  const from = exclusiveMinimum === undefined ? (minimum === undefined ? undefined : `from ${minimum}`) : `above ${exclusiveMinimum}`;
  const to = maximum === undefined || isSafeLimit(maximum) ? undefined : `up to ${maximum}`;
  return [isSafeLimit(minimum) ? undefined : from, to]
    .filter((part) => part !== undefined)
    .map((part) => ` ${part}`)
    .join("");
}

/** The limits of whole numbers say nothing. */
function isSafeLimit(limit: number | undefined): boolean {
  return limit !== undefined && Math.abs(limit) === Number.MAX_SAFE_INTEGER;
}
