import { sortCell } from "./core/counts.ts";
import { cellsOf, inputNames } from "./core/evidence.ts";
import { column, type Memory, nothingRemembered, octave, perClassAt, widthOf } from "./core/memory.ts";
import { comingLate } from "./core/override.ts";
import type { LearnedState } from "./learned.ts";
import type { Migrations } from "./state-text.ts";

/** Inputs that format 1, which did not name them, did not have; every input added later belongs here. */
const unknownToFormat1 = new Set(["staying", "staying+dwell", "own-devices"]);

/** A remembered moment of format 2; durations in half octaves. */
interface Remembered2 extends Record<(typeof plain2)[number], number> {
  weekend: boolean;
  dwell: number;
  previousDwell: number;
  since: number[];
  timesToday: number[];
  place: string;
  devices: string;
  calendar: string;
}
const plain2 = ["day", "minute", "current", "last", "last2", "lately", "nthToday", "outcome", "amount"] as const;

function flatMemory(old: readonly Remembered2[]): Memory {
  const classes = Math.max(0, ...old.map(({ since }) => since.length));
  const memory: Memory = { ...nothingRemembered(), classes };
  const sixteenths = (halfOctaves: number) => Math.round((halfOctaves * octave) / 2);
  const word = (text: string) => (memory.words.includes(text) ? memory.words.indexOf(text) : memory.words.push(text) - 1);
  for (const past of old) {
    const row = new Array<number>(widthOf(classes)).fill(0);
    for (const name of plain2) row[column[name]] = past[name];
    row[column.weekend] = Number(past.weekend);
    row[column.dwell] = sixteenths(past.dwell);
    row[column.previousDwell] = sixteenths(past.previousDwell);
    for (const name of ["place", "devices", "calendar"] as const) row[column[name]] = word(past[name]);
    row[column.known] = past.since.length;
    past.since.forEach((since, k) => {
      row[perClassAt + k] = sixteenths(since);
      row[perClassAt + classes + k] = past.timesToday[k] ?? 0;
    });
    memory.rows.push(...row);
  }
  return memory;
}

/** Older formats of the learned state, one step each. */
export const migrations: Migrations = {
  1: (old) => {
    const { habits, unripe, ...rest } = old as LearnedState;
    const inputs = inputNames.filter((name) => !unknownToFormat1.has(name));
    // Rhythms were counted without asking whether the class was going on already: they have to be learned anew.
    const observed = { ...habits.observed, own: {} };
    const appointments = Object.fromEntries(
      Object.entries(habits.appointments).map(([code, known]) => [code, { ...known, late: comingLate }]),
    );
    return { ...rest, unripe: [], habits: { ...habits, inputs, observed, appointments } };
  },
  // Format 2 remembered moments as a list of objects, and kept both triangles of the covariance.
  2: (old) => {
    const { habits, ...rest } = old as LearnedState;
    const { mean, covariance } = habits.posterior;
    const lower = covariance.filter((_, at) => at % mean.length <= Math.floor(at / mean.length));
    const memory = flatMemory(habits.observed.memory as unknown as Remembered2[]);
    return { ...rest, habits: { ...habits, observed: { ...habits.observed, memory }, posterior: { mean, covariance: lower } } };
  },
  // Format 3 kept the counts of a cell in the order in which they were met.
  3: (old) => {
    for (const cell of cellsOf((old as LearnedState).habits.observed)) sortCell(cell);
    return old;
  },
};
