import type { Persona } from "@network-personas/personas";
import { isMap, isSeq, parse, parseDocument, type Document, stringify, type YAMLMap, type YAMLSeq } from "yaml";

type Json = unknown;
const isRecord = (value: Json): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);
const idOf = (value: Json): Json => (isRecord(value) ? (value.id ?? value.text) : undefined);

/** The plain content of a YAML text. */
export const plainContent = (text: string): Record<string, unknown> => (parse(text, { maxAliasCount: 50 }) ?? {}) as Record<string, unknown>;

/** `text` changed to hold `value`, keeping the comments and the order of what stays. */
export function mergedYaml(text: string, value: Json): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents) || !isRecord(value)) return stringify(value);
  mergeMap(document, document.contents, value);
  return document.toString({ lineWidth: 160 });
}

function mergeMap(document: Document, map: YAMLMap, value: Record<string, Json>): void {
  for (const item of [...map.items]) {
    const key = String((item.key as { value?: unknown })?.value ?? item.key);
    if (!(key in value)) map.delete(item.key);
  }
  for (const [key, part] of Object.entries(value)) {
    const before = map.get(key, true);
    if (isMap(before) && isRecord(part)) mergeMap(document, before, part);
    else if (isSeq(before) && Array.isArray(part)) mergeSequence(document, before, part);
    else if (JSON.stringify(plain(before, document)) !== JSON.stringify(part)) map.set(key, document.createNode(part));
  }
}

/** Items that have an id keep their comments wherever they move; others are matched by position. */
function mergeSequence(document: Document, sequence: YAMLSeq, values: readonly Json[]): void {
  const before = [...sequence.items];
  sequence.items = values.map((value, index) => {
    const id = idOf(value);
    const match = id === undefined ? before[index] : before.find((node) => idOf(plain(node, document)) === id);
    if (isMap(match) && isRecord(value)) {
      mergeMap(document, match, value);
      return match;
    }
    return match !== undefined && JSON.stringify(plain(match, document)) === JSON.stringify(value) ? match : document.createNode(value);
  });
}

const plain = (node: unknown, document: Document): Json =>
  typeof node === "object" && node !== null && "toJS" in node ? (node as { toJS(document: Document): Json }).toJS(document) : node;

/** A new YAML text of a JSON document. */
export const yamlOf = (value: unknown): string => stringify(value);

/** A persona in the form it is written: the same, with its duration as text. */
export const personaDocument = (persona: Persona): Record<string, unknown> => ({ ...persona, leadTime: `PT${persona.leadTime / 1000}S` });
