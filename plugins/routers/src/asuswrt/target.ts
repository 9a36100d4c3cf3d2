import { type Flipped, type Held, heldOf, isOurs, type Notes, type SwitchName, stillOurs, switchNames, switchVariables } from "./held.ts";
import { joined, noSchedule, parentalColumns, parentalRows, rowsOf, spread, tag, withRows } from "./lists.ts";
import { directorList, dnsList, inPieces, type Nvram } from "./nvram.ts";
import { isOurRule } from "./tunnels.ts";
import type { View } from "./view.ts";

/** What to write, and what is ours then. */
export interface Target {
  set: Record<string, string>;
  notes: Notes;
}

/** Marks 10 to 29 and from 42 on are free for limits; between them are those of guest networks. */
const indexes = [...Array.from({ length: 20 }, (_, i) => i), ...Array.from({ length: 64 }, (_, i) => i + 32)];

/** What leads from a router to what is wanted. Entries of the owner stay byte for byte. Pure. */
export function targetOf(nvram: Nvram, wanted: Held, notes: Notes, view: View): Target {
  const next: Record<string, string> = {
    ...parental(nvram, wanted),
    qos_rulelist: withRows(
      nvram.qos_rulelist ?? "",
      isOurs.priority,
      wanted.priorities.map(({ mac, name, level }) => `${name}>${mac.toUpperCase()}>>any>>${level}`),
      { first: true, open: true },
    ),
    qos_bw_rulelist: limits(nvram.qos_bw_rulelist ?? "", wanted, notes),
    ...filters(nvram, wanted),
    ...tunnels(nvram, wanted),
  };
  const flipped = switches(nvram, wanted, notes, view, next);
  const set = Object.fromEntries(Object.entries(next).filter(([variable, value]) => (nvram[variable] ?? "") !== value));
  return { set, notes: { limits: wanted.limits, flipped } };
}

function parental(nvram: Nvram, wanted: Held): Record<string, string> {
  const rows = parentalRows(nvram);
  if (!rows) return {};
  const ours = rows.filter((row) => row.name.startsWith(tag));
  const right = (row: (typeof rows)[number]) =>
    row.enable === "2" && wanted.blocks.some(({ mac, name }) => mac === row.mac.toLowerCase() && name === row.name);
  if (ours.length === wanted.blocks.length && ours.every(right)) return {};
  return parentalColumns(
    [
      ...rows.filter((row) => !ours.includes(row)),
      ...wanted.blocks.map(({ mac, name }) => ({ enable: "2", mac: mac.toUpperCase(), name, schedule: noSchedule })),
    ],
    nvram,
  );
}

function limits(list: string, wanted: Held, notes: Notes): string {
  const mine = isOurs.limit(notes.limits);
  const rows = rowsOf(list);
  const indexOf = (row: { fields: readonly string[] }) => Number(row.fields[4]);
  const taken = new Set(rows.filter((row) => !mine(row)).map(indexOf));
  const held = new Map(rows.filter(mine).map((row) => [row.fields[1]!.toLowerCase(), indexOf(row)]));
  // A limit that stays keeps its number.
  for (const { mac } of wanted.limits) if (held.has(mac)) taken.add(held.get(mac)!);
  const free = indexes.filter((index) => !taken.has(index));
  return withRows(
    list,
    mine,
    wanted.limits.map(({ mac, down, up }) => `1>${mac.toUpperCase()}>${down}>${up}>${held.get(mac) ?? free.shift()}`),
    { first: false, open: false },
  );
}

function filters(nvram: Nvram, wanted: Held): Record<string, string> {
  const list = joined(nvram, dnsList);
  const theirs = rowsOf(list).filter((row) => !isOurs.filter(row));
  // Firmware before 386 has no fourth field.
  const enabled = theirs.length > 0 && theirs.every((row) => row.fields.length === 3) ? "" : ">1";
  const rows = wanted.filters.map(({ mac, name, resolver }) => `${name}>${mac.toUpperCase()}>${resolver}${enabled}`);
  const changed = withRows(list, isOurs.filter, rows, { first: false, open: true });
  return changed === list ? {} : spread(dnsList, changed, inPieces(nvram));
}

function tunnels(nvram: Nvram, wanted: Held): Record<string, string> {
  const list = nvram[directorList];
  if (list === undefined) return {};
  const rows = wanted.tunnels.map(({ address, name, via }) => `1>${name}>${address}>>${via}`);
  return { [directorList]: withRows(list, isOurRule, rows, { first: false, open: true }) };
}

/** Adds to `next` what the switches need, and answers what is ours of them then. */
function switches(nvram: Nvram, wanted: Held, notes: Notes, view: View, next: Record<string, string>): Record<string, Flipped> {
  const ours = stillOurs(nvram, notes);
  const flipped: Record<string, Flipped> = {};
  for (const name of switchNames) {
    const values = wanted.switches.includes(name) && !view.on[name] ? valuesOf(name, wanted) : {};
    for (const [variable, value] of Object.entries(values)) {
      flipped[variable] = { before: ours[variable]?.before ?? nvram[variable] ?? "", ours: [value] };
      next[variable] = value;
    }
    if (Object.keys(values).length > 0 || !(switchVariables[name][0] in ours) || view.on[name]) continue;
    for (const variable of switchVariables[name]) if (ours[variable]) next[variable] = ours[variable].before;
  }
  return flipped;
}

function valuesOf(name: SwitchName, { shaper, limits: limited }: Held): Record<string, string> {
  if (name !== "qos") return { [switchVariables[name][0]]: "1" };
  if (shaper) return { qos_enable: "1", qos_type: "0", qos_ibw: String(shaper.down), qos_obw: String(shaper.up) };
  return limited.length > 0 ? { qos_enable: "1", qos_type: "2" } : {};
}

/** The same notes while it is not certain what arrives: what was ours and what is going to be. */
export function eitherWay(nvram: Nvram, before: Notes, after: Notes): Notes {
  const held = heldOf(nvram, before).limits;
  const flipped: Record<string, Flipped> = { ...stillOurs(nvram, before) };
  for (const [variable, { before: original, ours }] of Object.entries(after.flipped))
    flipped[variable] = { before: original, ours: [...new Set([...(flipped[variable]?.ours ?? []), ...ours])] };
  return {
    limits: [...held, ...after.limits.filter((limit) => !held.some((one) => JSON.stringify(one) === JSON.stringify(limit)))],
    flipped,
  };
}
