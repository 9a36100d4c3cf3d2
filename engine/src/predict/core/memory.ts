import type { Moment } from "./moment.ts";

/**
 * Past moments, as far as they are compared with others, and what came of them: one row of numbers each, because a scan of
 * flat numbers is several times as fast, and as small when saved, as a list of objects.
 */
export interface Memory {
  /** Places, sets of devices and calendar codes that rows refer to by index; the first is "not known". */
  words: string[];
  /** How many classes a row has room for. */
  classes: number;
  /** Row-major, oldest first, `widthOf(classes)` wide. */
  rows: number[];
}

const columns = [
  "day",
  "minute",
  "current",
  "last",
  "last2",
  "weekend",
  "lately",
  "nthToday",
  "dwell",
  "previousDwell",
  "place",
  "devices",
  "calendar",
  "outcome",
  "amount",
  "known",
] as const;
/** Columns of a row. After them come the time since each class and how often it began today, class by class. */
export const column = Object.fromEntries(columns.map((name, i) => [name, i])) as Readonly<Record<(typeof columns)[number], number>>;
const wordColumns = [column.place, column.devices, column.calendar];
export const perClassAt: number = columns.length;
export const widthOf = (classes: number): number => columns.length + 2 * classes;

/** Durations are kept in sixteenths of an octave from five minutes. */
export const octave = 16;
const duration = (minutes: number) => Math.round(octave * Math.log2(1 + Math.max(0, minutes) / 5));

/** Moments that are looked at, and how many more are kept before the oldest are dropped together. */
const most = 600;
const slack = 100;
/** A class beyond every count of a day says no more than this. */
const mostToday = 4;

export const nothingRemembered = (): Memory => ({ words: [""], classes: 0, rows: [] });

/** Whether it has the shape of a memory. */
export function isMemory({ words, classes, rows }: Partial<Memory>): boolean {
  if (!Array.isArray(words) || !Array.isArray(rows) || typeof classes !== "number") return false;
  return rows.length % widthOf(classes) === 0 && rows.every(Number.isFinite);
}

/** A moment as a row. A word that no row refers to is none that is alike: -1. */
export function rowOf(memory: Memory, m: Moment, outcome = -1, amount = 0): number[] {
  const { classes } = memory;
  const known = Math.min(classes, m.since.length);
  const word = (text: string) => memory.words.indexOf(text);
  const row = [m.day, m.minute, m.current, m.last, m.last2, m.weekday >= 5 ? 1 : 0, m.lately, Math.min(m.nthToday, 25)];
  row.push(duration(m.dwell), duration(m.previousDwell), word(m.place), word(m.devices), word(m.calendar), outcome, amount, known);
  for (let k = 0; k < classes; k++) row.push(k < known ? duration(m.since[k]!) : 0);
  for (let k = 0; k < classes; k++) row.push(k < known ? Math.min(m.timesToday[k]!, mostToday) : 0);
  return row;
}

/** Index in `rows` at which the moments to look at begin. */
export function firstOf({ rows, classes }: Memory): number {
  return Math.max(0, rows.length - most * widthOf(classes));
}

export function remember(memory: Memory, m: Moment, outcome: number, amount: number): void {
  makeRoom(memory, m.since.length);
  for (const text of [m.place, m.devices, m.calendar]) if (!memory.words.includes(text)) memory.words.push(text);
  memory.rows.push(...rowOf(memory, m, outcome, amount));
  if (memory.rows.length > (most + slack) * widthOf(memory.classes)) forgetOldest(memory);
}

/** Takes the latest moments out and returns them, to be put back with `putBack`. */
export function takeLatest({ rows, classes }: Memory, count: number): number[] {
  return rows.splice(Math.max(0, rows.length - count * widthOf(classes)));
}
export function putBack({ rows }: Memory, taken: readonly number[]): void {
  rows.push(...taken);
}

/** Drops the moments at such minutes (local, since 1970-01-01). */
export function dropMoments(memory: Memory, isMeant: (minute: number) => boolean): void {
  const { rows } = memory;
  const width = widthOf(memory.classes);
  const stays: number[] = [];
  for (let at = 0; at < rows.length; at += width)
    if (!isMeant(rows[at + column.day]! * 1440 + rows[at + column.minute]!)) stays.push(...rows.slice(at, at + width));
  keepOnly(memory, stays);
}

/** Makes every moment count less. */
export function fadeMemory({ rows, classes }: Memory, factor: number): void {
  for (let at = column.amount; at < rows.length; at += widthOf(classes)) rows[at]! *= factor;
}

function makeRoom(memory: Memory, classes: number): void {
  const before = memory.classes;
  if (classes <= before) return;
  const { rows } = memory;
  const width = widthOf(before);
  const added = new Array<number>(classes - before).fill(0);
  const wider: number[] = [];
  for (let at = 0; at < rows.length; at += width) {
    const perClass = at + perClassAt;
    wider.push(...rows.slice(at, perClass + before), ...added, ...rows.slice(perClass + before, at + width), ...added);
  }
  memory.rows = wider;
  memory.classes = classes;
}

function forgetOldest(memory: Memory): void {
  keepOnly(memory, memory.rows.slice(firstOf(memory)));
}

/** With the words that these rows refer to, and no others. */
function keepOnly(memory: Memory, rows: number[]): void {
  const words = [""];
  for (let at = 0; at < rows.length; at += widthOf(memory.classes)) {
    for (const w of wordColumns) {
      const text = memory.words[rows[at + w]!]!;
      const known = words.indexOf(text);
      rows[at + w] = known >= 0 ? known : words.push(text) - 1;
    }
  }
  memory.rows = rows;
  memory.words = words;
}
