import { type Both, both, directions, none } from "./both.ts";
import type { Alternative, Request } from "./demands.ts";

/** A request while its class is decided. */
export interface Bid {
  request: Request;
  /** What its device was promised in more urgent classes. */
  before: Both;
  floor: Both;
  /** What its device's floor still covers. */
  free: Both;
  /** What it had before, as far as that was for this request. */
  kept: Both;
  incumbent: boolean;
  /** Alternatives that may happen: they fit at their lowest rung. */
  fitting: Alternative[];
  /** Insured bounds: certainly, and at most. */
  lo: Both;
  hi: Both;
  room: Both;
}

/** Room of one activity that others do not have. */
export interface Bonus {
  line: Both;
  device: Both;
}
export const noBonus: Bonus = { line: none, device: none };
/** What the floor would still cover if the bonus were used. */
export const freeFor = ({ floor, before }: Bid, { device }: Bonus): Both =>
  both((direction) => Math.max(0, floor[direction] - Math.max(0, before[direction] - device[direction])));

/** What rates take beyond what is covered anyway. */
export const beyond = (rates: Both, free: Both): Both => both((direction) => Math.max(0, rates[direction] - free[direction]));

/** What is left of a class and of the line; the line is only charged for what floors do not cover. */
export class Room {
  readonly class: Both;
  readonly line: Both;
  constructor(cap: Both, line: Both) {
    this.class = { ...cap };
    this.line = { ...line };
  }
  /** Most this bid could take, with room that only it has. */
  for(bid: Bid, bonus: Bonus = noBonus): Both {
    const free = freeFor(bid, bonus);
    return both((direction) =>
      Math.max(
        0,
        Math.min(
          this.class[direction] + bonus.device[direction],
          Math.max(0, this.line[direction] + bonus.line[direction]) + free[direction],
        ),
      ),
    );
  }
  /** Most this bid could have, given what it already has. */
  with(bid: Bid, rates: Both, bonus: Bonus = noBonus): Both {
    const free = freeFor(bid, bonus);
    return both((direction) =>
      Math.min(
        rates[direction] + Math.max(0, this.class[direction] + bonus.device[direction]),
        Math.max(rates[direction], free[direction]) + Math.max(0, this.line[direction] + bonus.line[direction]),
      ),
    );
  }
  take({ free }: Bid, rates: Both, before: Both = none): void {
    for (const direction of directions) {
      this.class[direction] -= rates[direction] - before[direction];
      this.line[direction] -= Math.max(0, rates[direction] - free[direction]) - Math.max(0, before[direction] - free[direction]);
    }
  }
}
