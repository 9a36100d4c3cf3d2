import { z } from "zod";
import { isCovering, isLeased, leaseList } from "./leases.ts";
import { type MenuName, menuNames, menuOf } from "./menus.ts";
import { canonical, isNothing, isTrue, type Row } from "./values.ts";

/** Begins the comment of everything that is ours; types of queues have no comment and begin with `np-`. */
export const tag = "np:";

/** One object of ours. Those of one group follow each other and are changed together. */
export const Thing = z.strictObject({
  menu: z.enum(menuNames),
  /** What it is for: "alice-laptop/mark". Of a type of queues its name. */
  group: z.string(),
  props: z.record(z.string(), z.string()),
  /** It stands before everything of the owner's in its chain; only asked of those that lead out of a chain of the router. */
  first: z.boolean(),
});
export type Thing = z.infer<typeof Thing>;

/** One object of ours as the router has it. */
export interface Found extends Thing {
  id: string;
  /** The change that made it; 0 of types of queues. */
  generation: number;
  disabled: boolean;
}

export const commentOf = (group: string, index: number, generation: number): string => `${tag}${group}/${index} g${generation}`;

/** `group` of a comment nobody of ours wrote is the comment itself. */
export function parseComment(comment: string): { group: string; generation: number } {
  const parts = /^np:(?<group>.+)\/\d+ g(?<generation>\d+)$/.exec(comment)?.groups;
  return parts ? { group: parts.group!, generation: Number(parts.generation) } : { group: comment, generation: 0 };
}

/** The properties to ask a menu for. */
export const propsToRead = (menu: MenuName): string[] => [".id", "comment", "disabled", "dynamic", ...menuOf(menu).props];

export interface Contents {
  /** Ours, in the order of the router. */
  found: Found[];
  /** Where what must come first is put: the id of the first object of the owner's in that chain. */
  anchor: string | undefined;
  /** What is not ours and not made by the router itself. */
  foreign: Row[];
}

/** What of a menu is ours. */
export function contentsOf(menu: MenuName, rows: readonly Row[]): Contents {
  const { kind, props, firstIn } = menuOf(menu);
  const isShown = (name: string, value: string) => kind === "patched" || !isNothing(name, canonical(name, value));
  const found: Found[] = [];
  const foreign: Row[] = [];
  let anchor: string | undefined;
  let first = firstIn !== undefined;
  for (const row of rows) {
    const id = row[".id"];
    // What the router made by itself nobody can change; what runs out is dynamic, too.
    if (id === undefined || (isTrue(row.dynamic) && row.list !== leaseList)) continue;
    const ours = menu === "queue/type" ? row.name?.startsWith("np-") : row.comment?.startsWith(tag);
    if (!ours) {
      foreign.push(row);
      if (row.chain !== firstIn || firstIn === undefined) continue;
      anchor ??= id;
      if (!isTrue(row.disabled)) first = false;
      continue;
    }
    const { group, generation } = menu === "queue/type" ? { group: row.name!, generation: 0 } : parseComment(row.comment!);
    found.push({
      menu,
      group,
      props: Object.fromEntries(
        props.flatMap((name) => (row[name] === undefined || !isShown(name, row[name]) ? [] : [[name, canonical(name, row[name])]])),
      ),
      first: first && row.chain === firstIn,
      id,
      generation,
      disabled: isTrue(row.disabled),
    });
  }
  return { found, anchor, foreign };
}

/** A thing in the way it will be read back. */
export function thing(menu: MenuName, group: string, props: Row): Thing {
  const { props: known, firstIn } = menuOf(menu);
  return {
    menu,
    group,
    props: Object.fromEntries(known.flatMap((name) => (props[name] === undefined ? [] : [[name, canonical(name, props[name])]]))),
    first: firstIn !== undefined && props.chain === firstIn,
  };
}

/**
 * What is in force, comparable by JSON: in the order of menus, groups, and of the router within a group. What nothing refers to any more
 * stays until a change is confirmed and does nothing.
 */
export function inForce(found: readonly Found[]): Thing[] {
  const on = found.filter((one) => !one.disabled);
  const idle = new Set(unused(on));
  return sorted(on.filter((one) => !idle.has(one)).map(({ menu, group, props, first }) => ({ menu, group, props, first })));
}

/** What an entry of a list is known by. */
const entry = ({ menu, props: { list, address } }: Thing): string => JSON.stringify([menu, list, address]);

/** Queues hang on that of the line, so it is first; what leads into rules of devices is made after them. Lists have no order of their own. */
function place(one: Thing): string {
  const { menu, group } = one;
  const forEverybody = group.startsWith("@line/");
  const within = menuOf(menu).kind === "listed" ? entry(one) : "";
  return `${String(menuNames.indexOf(menu)).padStart(2, "0")} ${forEverybody === (menu === "queue/tree") ? 0 : 1} ${group} ${within}`;
}
export const sorted = (things: readonly Thing[]): Thing[] =>
  [...things].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));

export type Group<T extends Thing = Thing> = { menu: MenuName; group: string; things: T[] };

/** Groups in the order in which they first occur. */
export function groupsOf<T extends Thing>(things: readonly T[]): Map<string, Group<T>> {
  const groups = new Map<string, Group<T>>();
  for (const one of things) {
    const key = `${one.menu} ${one.group}`;
    const group = groups.get(key) ?? { menu: one.menu, group: one.group, things: [] };
    group.things.push(one);
    groups.set(key, group);
  }
  return groups;
}

const shape = ({ props, first }: Thing) =>
  JSON.stringify([Object.entries(props).filter(([name, value]) => !isNothing(name, value)), first]);
/** Whether a group is there as wanted: the same things in the same order. */
export const same = (a: Group | undefined, b: Group | undefined): boolean =>
  a?.things.length === b?.things.length && (a?.things ?? []).every((one, i) => shape(one) === shape(b!.things[i]!));

export type Step =
  /** `ahead`: before everything of the owner's, with the rest of its group. */
  | { action: "add"; thing: Thing; index: number; ahead: boolean }
  | { action: "set"; found: Found; props: Row }
  /** Switched on again: what an unconfirmed change had retired is wanted by the one on top of it. */
  | { action: "revive"; found: Found }
  /** Switched off until the change is confirmed, then removed. */
  | { action: "retire"; found: Found };

/** What leads from what is there to what is wanted: first what is new, then what is no more, the other way round. Pure. */
export function steps(wanted: readonly Thing[], found: readonly Found[]): Step[] {
  const news: Step[] = [];
  const gone: Found[] = [];
  const groups = groupsOf(sorted(wanted));
  const held = groupsOf(found.filter((one) => !one.disabled));
  const all = groupsOf(found);
  for (const [key, group] of groups) {
    const { kind } = menuOf(group.menu);
    if (kind === "listed") {
      news.push(...missingEntries(group, all.get(key)));
      const stays = new Set(group.things.map(entry));
      gone.push(...(held.get(key)?.things ?? []).filter((one) => !stays.has(entry(one))));
      continue;
    }
    if (same(group, held.get(key))) continue;
    if (kind === "patched" && all.get(key)) {
      const [first, ...more] = all.get(key)!.things;
      news.push({ action: "set", found: first!, props: { ...group.things[0]!.props, disabled: "false" } });
      gone.push(...more.filter((one) => !one.disabled));
      continue;
    }
    if (kind === "base" && held.get(key)) {
      const [first] = held.get(key)!.things;
      news.push({ action: "set", found: first!, props: group.things[0]!.props });
      continue;
    }
    const ahead = group.things.some(({ first }) => first);
    for (const [index, one] of group.things.entries()) news.push({ action: "add", thing: one, index, ahead });
    gone.push(...(held.get(key)?.things ?? []));
  }
  for (const [key, group] of held) if (!groups.has(key)) gone.push(...group.things.filter((one) => !isBase(one)));
  const order = ({ menu }: Thing) => menuNames.indexOf(menu);
  gone.sort((a, b) => order(b) - order(a));
  // Within a menu the last first: what leads somewhere was made after what it leads to.
  const retired = menuNames.toReversed().flatMap((menu) => gone.filter((one) => one.menu === menu).toReversed());
  // What has run out must not hold again while what it waited for is being made anew.
  const hasRunOut = (one: Found) => isLeased(one) && !found.some((other) => isCovering(other) && sameFamily(one, other));
  const retire = (list: readonly Found[]) => list.map((one): Step => ({ action: "retire", found: one }));
  return [...retire(retired.filter(hasRunOut)), ...news, ...retire(retired.filter((one) => !hasRunOut(one)))];
}

function missingEntries(wanted: Group, held: Group<Found> | undefined): Step[] {
  const there = new Map((held?.things ?? []).map((one) => [entry(one), one]));
  return wanted.things.flatMap((one, index): Step[] => {
    const twin = there.get(entry(one));
    if (!twin) return [{ action: "add", thing: one, index, ahead: false }];
    return twin.disabled ? [{ action: "revive", found: twin }] : [];
  });
}

const sameFamily = (one: Thing, other: Thing): boolean => one.menu.split("/")[0] === other.menu.split("/")[0];

/** It is there as long as something refers to it. */
const isBase = (one: Thing): boolean => menuOf(one.menu).kind === "base" || isCovering(one);

/** Types of queues, tables of routes and what runs out, when nothing of ours refers to it. */
export function unused(found: readonly Found[]): Found[] {
  const active = found.filter((one) => !isBase(one));
  const named = (prop: string) => new Set(active.map((one) => one.props[prop]));
  const [queues, tables] = [named("queue"), named("routing-table")];
  const leases = active.some(isLeased);
  return found.filter(
    (one) =>
      (one.menu === "queue/type" && !queues.has(one.props.name)) ||
      (one.menu === "routing/table" && !tables.has(one.props.name)) ||
      (isCovering(one) && !leases),
  );
}
