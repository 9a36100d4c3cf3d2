import type { DeviceKind } from "@network-personas/personas";
import type { Device } from "../model/index.ts";
import type { Both } from "./both.ts";
import { ackedDownload, ackMinimum, ackShare, basicFloor, floorShare, guaranteeShare } from "./limits.ts";

/** What every device of a home has before anybody asks for anything. */
export interface Floors {
  /** kbit/s by device id, whole numbers. */
  of: ReadonlyMap<string, Both>;
  /** What a device that may download should have on this line. */
  target: Both;
  /** Directions in which the line is too small for everybody's target. */
  degraded: { down: boolean; up: boolean };
}

/** Kinds that fetch little: nobody waits for their downloads. */
const sparse: ReadonlySet<DeviceKind> = new Set(["camera", "printer", "sensor", "appliance", "speaker"]);

/**
 * Floors: min(target, fair share of half the line). The target upstream of whoever may download holds the acknowledgements
 * of a fair share of the downstream (within reason), so that nobody's upload can stall somebody else's download. Fair are equal
 * shares of everybody at home and one more, for a person waits for one thing at a time: who comes and goes changes nobody else's floor.
 */
export function floorsOf(devices: readonly Device[], present: ReadonlySet<string>, shaper: Both, people: number): Floors {
  const downloads = devices.map(({ id, kind, infrastructure }) => present.has(id) && !infrastructure && !sparse.has(kind));
  const here = Math.max(1, downloads.filter(Boolean).length);
  const fairDown = Math.min(ackedDownload, shaper.down / (people > 0 ? people + 1 : here));
  const targetUp = basicFloor + ackShare * fairDown;
  const down = level(
    devices.map(() => basicFloor),
    shaper.down,
  );
  const up = level(
    downloads.map((does) => (does ? targetUp : basicFloor)),
    shaper.up,
  );
  const leastUp = Math.floor(basicFloor + ackMinimum * Math.min(fairDown, shaper.down / here));
  return {
    of: new Map(devices.map(({ id }, i) => [id, { down: down[i]!, up: up[i]! }])),
    target: { down: basicFloor, up: Math.floor(targetUp) },
    degraded: { down: down.some((rate) => rate < basicFloor), up: up.some((rate, i) => rate < (downloads[i] ? leastUp : basicFloor)) },
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
