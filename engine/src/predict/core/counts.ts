import type { Kernel } from "./kernel.ts";

/** Most classes a model can tell apart. Cells are addressed by `slot * maxClasses + class`, so that classes can be added later. */
export const maxClasses = 64;

/** What happened in one context: fading counts, sparse. */
export interface Cell {
  /** Local day up to which the counts have faded. */
  day: number;
  /** Addresses, ascending, and what is counted there. */
  at: number[];
  n: number[];
}

/** The cells of one source, by context. */
export type Table = Record<string, Cell>;

/** Counts of a context near a slot, per class, faded to `day`, into `out`. Returns their sum. */
export function read(cell: Cell, kernel: Kernel | undefined, slot: number, day: number, halfLife: number, out: Float64Array): number {
  out.fill(0);
  const { at, n } = cell;
  const fade = day > cell.day ? 2 ** ((cell.day - day) / halfLife) : 1;
  let sum = 0;
  if (!kernel) {
    for (let i = 0; i < at.length; i++) {
      const value = n[i]! * fade;
      out[at[i]!]! += value;
      sum += value;
    }
    return sum;
  }
  const { weights, slots, reach } = kernel;
  const around = 2 * reach + 1 < slots;
  // An axis may be a circle, so what is near may lie on the other side of its end.
  for (let turn = around ? -slots : 0; turn <= (around ? slots : 0); turn += slots) {
    const near = slot + turn;
    const end = around ? firstFrom(at, (near + reach + 1) * maxClasses) : at.length;
    for (let i = around ? firstFrom(at, (near - reach) * maxClasses) : 0; i < end; i++) {
      const address = at[i]!;
      const value = n[i]! * weights[(address >> 6) + slots - slot]! * fade;
      out[address & 63]! += value;
      sum += value;
    }
  }
  return sum;
}

/** Index of the first of ascending addresses that is not below `address`. */
function firstFrom(at: readonly number[], address: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle]! < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts are kept to this many parts of one, so that they stay short when saved; what faded below `forgotten` is dropped, so that a cell does not grow for ever. */
const parts = 1e5;
const forgotten = 1e-4;

export function fadeCell(cell: Cell, factor: number): void {
  let kept = 0;
  for (let i = 0; i < cell.n.length; i++) {
    const n = Math.round(cell.n[i]! * factor * parts) / parts;
    if (n < forgotten) continue;
    cell.at[kept] = cell.at[i]!;
    cell.n[kept++] = n;
  }
  cell.at.length = kept;
  cell.n.length = kept;
}

/** Adds (or with a negative amount takes back) one observation. */
export function add(table: Table, key: string, slot: number, k: number, amount: number, day: number, halfLife: number): void {
  const address = slot * maxClasses + k;
  const cell = table[key];
  if (!cell) {
    table[key] = { day, at: [address], n: [amount] };
    return;
  }
  if (day > cell.day) {
    fadeCell(cell, 2 ** ((cell.day - day) / halfLife));
    cell.day = day;
  }
  const i = firstFrom(cell.at, address);
  if (cell.at[i] === address) cell.n[i] = Math.max(0, cell.n[i]! + amount);
  else if (amount > 0) {
    cell.at.splice(i, 0, address);
    cell.n.splice(i, 0, amount);
  }
}

/** Puts the counts of a cell in order. */
export function sortCell(cell: Cell): void {
  const order = cell.at.map((_, i) => i).sort((a, b) => cell.at[a]! - cell.at[b]!);
  const { at, n } = cell;
  cell.at = order.map((i) => at[i]!);
  cell.n = order.map((i) => n[i]!);
}
