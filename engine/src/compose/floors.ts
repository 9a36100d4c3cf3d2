import type { Both } from "./both.ts";
import { ackMinimum, ackShare, basicFloor, floorShare, guaranteeShare } from "./limits.ts";

/** What every device of a home has before anybody asks for anything. */
export interface Floors {
  /** kbit/s by device id, whole numbers. */
  of: ReadonlyMap<string, Both>;
  /** What a present device should have on this line. */
  target: Both;
  /** Directions in which the line is too small for everybody's target. */
  degraded: { down: boolean; up: boolean };
}

/**
 * Floors: min(target, fair share of half the line). The target upstream holds the acknowledgements of the device's fair
 * share of the downstream, so that nobody's upload can stall somebody else's download.
 */
export function floorsOf(devices: readonly string[], present: ReadonlySet<string>, shaper: Both): Floors {
  const here = Math.max(1, devices.filter((device) => present.has(device)).length);
  const fairDown = shaper.down / here;
  const target = { down: basicFloor, up: basicFloor + ackShare * fairDown };
  const down = level(devices.map(() => target.down), shaper.down);
  const up = level(devices.map((device) => (present.has(device) ? target.up : basicFloor)), shaper.up);
  const least = { down: basicFloor, up: basicFloor + ackMinimum * fairDown };
  const short = (rates: readonly number[], wanted: number) => devices.some((device, i) => rates[i]! < (present.has(device) ? Math.floor(wanted) : basicFloor));
  return {
    of: new Map(devices.map((device, i) => [device, { down: down[i]!, up: up[i]! }])),
    target: { down: target.down, up: Math.floor(target.up) },
    degraded: { down: short(down, least.down), up: short(up, least.up) },
  };
}

/** Cuts targets at the one level at which they fit into half the line: nobody gets less than an equal share of it. */
function level(targets: readonly number[], line: number): number[] {
  let left = line * floorShare;
  let open = targets.length;
  let cut = Number.POSITIVE_INFINITY;
  for (const target of [...targets].sort((a, b) => a - b)) {
    if (target * open > left) {
      cut = left / open;
      break;
    }
    left -= target;
    open--;
  }
  const exact = targets.map((target) => Math.min(target, cut));
  // Whole numbers, rounded up so that nobody falls below; down only where the line is too small even for that.
  const up = exact.map((rate) => Math.ceil(rate - 1e-9));
  return up.reduce((a, b) => a + b, 0) <= line * guaranteeShare ? up : exact.map(Math.floor);
}
