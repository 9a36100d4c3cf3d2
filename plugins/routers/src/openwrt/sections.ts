import type { Change } from "@network-personas/engine/driver";
import { type Sentence, sentence, verbatim } from "@network-personas/engine/model";
import { z } from "zod";
import { told } from "../shared/told.ts";

/** Every section of ours has a name that begins with this. */
export const tag = "np_";
/** The configs we write to. */
export const ownConfigs = ["firewall", "sqm"] as const;

const Value = z.union([z.string(), z.array(z.string())]);
export type Value = z.infer<typeof Value>;
/** A named section of ours. Values are text or lists of text: uci knows nothing else. */
export const OwnSection = z.strictObject({
  config: z.enum(ownConfigs),
  name: z.string().startsWith(tag),
  type: z.string(),
  options: z.record(z.string(), Value),
});
export type OwnSection = z.infer<typeof OwnSection>;

/** A section the plan wants, with its words for people. */
export interface WantedSection extends OwnSection {
  said: Sentence;
}

/** Kinds of rule that decide by their order, in that order; the first that fits a connection decides. */
const orderedKinds = ["block", "app", "allow", "strict"];

/** Device whose rules a section must keep its place among; undefined where order means nothing. */
function chainOf({ config, name }: OwnSection): string | undefined {
  const [kind, device] = name.slice(tag.length).split("__");
  return config === "firewall" && orderedKinds.includes(kind!) ? device : undefined;
}

/** A section as `uci get` shows it. */
export const RawSection = z.looseObject({
  ".type": z.string(),
  ".name": z.string(),
  ".anonymous": z.boolean().default(false),
  ".index": z.number().default(0),
});
export type RawSection = z.infer<typeof RawSection>;
export const RawConfig = z.object({ values: z.record(z.string(), RawSection).default({}) });

/** Sections of a config in file order. */
export const inOrder = (raw: z.infer<typeof RawConfig>): RawSection[] =>
  Object.values(raw.values).sort((a, b) => a[".index"] - b[".index"]);

/** An option of a section as one text; lists by their first entry. */
export function option(section: RawSection, name: string): string | undefined {
  const value = section[name];
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : undefined;
}

/** What is tagged as ours in a config, in file order. */
export function ownSections(config: OwnSection["config"], raw: z.infer<typeof RawConfig>): OwnSection[] {
  return inOrder(raw)
    .filter((section) => !section[".anonymous"] && section[".name"].startsWith(tag))
    .map((section) => ({
      config,
      name: section[".name"],
      type: section[".type"],
      options: Object.fromEntries(
        Object.entries(section).flatMap(([key, value]) => (key.startsWith(".") ? [] : [[key, Value.parse(value)]])),
      ),
    }));
}

/** One write. `add` of an existing name would merge, so a section is either added after its removal or set. */
export type Operation =
  | { action: "delete"; section: OwnSection }
  | { action: "add"; section: OwnSection }
  | { action: "set"; section: OwnSection; values: Record<string, Value> };

export interface Difference {
  operations: Operation[];
  changes: Change[];
}

/** What is to be written so that `current` becomes `wanted`: removals first, then changes, then additions in their order. */
export function difference(wanted: readonly (OwnSection & Partial<WantedSection>)[], current: readonly OwnSection[]): Difference {
  const held = new Map(current.map((section) => [idOf(section), section]));
  const goal = new Set(wanted.map(idOf));
  const anew = writtenAnew(wanted, current);
  const operations: Operation[] = [];
  const additions: Operation[] = [];
  const changes: Change[] = [];
  for (const section of current) {
    const stays = goal.has(idOf(section));
    if (!stays || anew.has(idOf(section))) operations.push({ action: "delete", section });
    if (!stays)
      changes.push({
        action: "remove",
        target: idOf(section),
        before: describe(section),
        after: null,
        ...told(sentence("changeRemove", { what: titleOf(section) })),
      });
  }
  for (const { said, ...section } of wanted) {
    const before = held.get(idOf(section));
    if (!before || anew.has(idOf(section))) additions.push({ action: "add", section });
    else {
      const values = changedOptions(before, section);
      if (Object.keys(values).length > 0) operations.push({ action: "set", section, values });
    }
    changes.push(...changeOf(section, before, said ?? verbatim(titleOf(section)), anew.has(idOf(section))));
  }
  return { operations: [...operations, ...additions], changes };
}

function changeOf(section: OwnSection, before: OwnSection | undefined, said: Sentence, moved: boolean): Change[] {
  const target = idOf(section);
  const after = describe(section);
  if (!before) return [{ action: "add", target, before: null, after, ...told(said) }];
  if (describe(before) !== after) return [{ action: "set", target, before: describe(before), after, ...told(said) }];
  return moved
    ? [{ action: "set", target, before: "out of order", after: "in order", ...told(sentence("changeMove", { what: said })) }]
    : [];
}

export const idOf = (section: { config: string; name: string }): string => `${section.config}.${section.name}`;

/** Sections to be removed and written again at the end: of another type, or behind one that they must precede. */
function writtenAnew(wanted: readonly OwnSection[], current: readonly OwnSection[]): Set<string> {
  const place = new Map(current.map((section, i) => [idOf(section), { at: i, type: section.type }]));
  const anew = new Set<string>();
  for (const [chain, sections] of Map.groupBy(wanted, chainOf)) {
    let last = -1;
    let broken = false;
    for (const section of sections) {
      const held = place.get(idOf(section));
      const keeps = held?.type === section.type;
      // Whatever follows a section that is appended must be appended after it.
      if (chain !== undefined && (!keeps || held.at < last)) broken = true;
      if (held && (broken || !keeps)) anew.add(idOf(section));
      last = Math.max(last, held?.at ?? last);
    }
  }
  return anew;
}

/** Options to set; "" deletes one. */
function changedOptions(before: OwnSection, after: OwnSection): Record<string, Value> {
  const gone = Object.keys(before.options).filter((name) => !(name in after.options));
  const changed = Object.entries(after.options).filter(([name, value]) => JSON.stringify(before.options[name]) !== JSON.stringify(value));
  return Object.fromEntries([...gone.map((name) => [name, ""] as const), ...changed]);
}

/** Content of a section as one line, independent of the order of its options. */
export function describe(section: OwnSection): string {
  const options = Object.entries(section.options).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${section.type} ${options.map(([name, value]) => `${name}=${[value].flat().join(",")}`).join(" ")}`;
}

function titleOf(section: OwnSection): string {
  const name = section.options.name;
  return typeof name === "string" ? name.replace(/^np /, "").replace(/ [0-9a-f]{8}$/, "") : `shaper ${section.name}`;
}

/** A part of a section name: ids and zones have "-", uci names cannot. */
export const namePart = (id: string): string => id.replaceAll("-", "_").replace(/[^A-Za-z0-9_]/g, "");

/** Title of a rule as nft shows it in its comment: what it is, and a fingerprint of its content to recognise it in the kernel by. */
export function titled(title: string, section: Omit<OwnSection, "options">, options: Record<string, Value>): Record<string, Value> {
  const content = `${section.name} ${JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  return { name: `np ${title.slice(0, 70)} ${fingerprint(content)}`, ...options };
}

/** FNV-1a, 32 bit. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
