/** Somebody who shares a room: never below `lo`, never above `hi`, in between by weight. */
export interface Sharer {
  lo: number;
  hi: number;
  weight: number;
}

/**
 * Demand-bounded weighted max-min: at level x everybody has clamp(x * weight, lo, hi), and the level rises until the room is full.
 * The total is piecewise linear in the level, so it is kept as its corners.
 */
export class Waterfill {
  readonly #sharers: readonly Sharer[];
  readonly #room: number;
  readonly #demand: number;
  #corners: { level: number; total: number; slope: number }[] | undefined;

  constructor(sharers: readonly Sharer[], room: number) {
    this.#sharers = sharers;
    this.#room = room;
    this.#demand = sharers.reduce((sum, sharer) => sum + sharer.hi, 0);
  }

  /**
   * What sharer `index` would have if it asked for `demand`, all others for what they do, and the room were larger by
   * `bonus`. Its own `lo` and `hi` do not matter.
   */
  share(index: number, demand: number, bonus = 0): number {
    const own = this.#sharers[index]!;
    const room = this.#room + bonus;
    if (this.#demand - own.hi + demand <= room) return demand;
    this.#corners ??= cornersOf(this.#sharers);
    const corners = this.#corners;
    const totalAt = (corner: { level: number; total: number }) => corner.total - clamp(own, corner.level) + corner.level * own.weight;
    let first = 0;
    let last = corners.length - 1;
    while (first < last) {
      const middle = (first + last + 1) >> 1;
      if (totalAt(corners[middle]!) <= room) first = middle;
      else last = middle - 1;
    }
    const corner = corners[first]!;
    const ownSlope = corner.level * own.weight >= own.lo && corner.level * own.weight < own.hi ? own.weight : 0;
    const slope = corner.slope - ownSlope + own.weight;
    const level = corner.level + Math.max(0, room - totalAt(corner)) / slope;
    return Math.min(demand, level * own.weight);
  }
}

const clamp = ({ lo, hi, weight }: Sharer, level: number): number => Math.min(hi, Math.max(lo, level * weight));

function cornersOf(sharers: readonly Sharer[]) {
  const turns = sharers.flatMap(({ lo, hi, weight }) => [
    { level: lo / weight, turn: weight },
    { level: hi / weight, turn: -weight },
  ]);
  turns.sort((a, b) => a.level - b.level);
  const corners = [{ level: 0, total: sharers.reduce((sum, sharer) => sum + sharer.lo, 0), slope: 0 }];
  for (const { level, turn } of turns) {
    const before = corners.at(-1)!;
    if (level > before.level)
      corners.push({ level, total: before.total + before.slope * (level - before.level), slope: before.slope + turn });
    else before.slope += turn;
  }
  return corners;
}
