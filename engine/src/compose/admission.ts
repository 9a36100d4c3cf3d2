import { trafficClasses } from "@network-personas/personas";
import { type Both, both, byId, directions, epsilon, everyWay } from "./both.ts";
import type { Alternative, Demanded, Request } from "./demands.ts";
import { ackShare, classShare, guaranteeShare, priorityClasses } from "./limits.ts";
import { Waterfill } from "./waterfill.ts";

/** What became of one alternative: the rung that fits if it happens, both ways; undefined when it was refused. */
export interface Verdict {
  alternative: Alternative;
  rung: Both | undefined;
}

/** What a request gets of its class. */
export interface Grant {
  request: Request;
  /** Reserved rates. */
  rates: Both;
  verdicts: readonly Verdict[];
  /** Most that was left for it when it was decided. */
  room: Both;
  /** It keeps at least this from the previous plan. */
  kept: Both;
}

/** What has to be known about the home to admit needs. */
export interface AdmissionInput {
  demanded: Demanded;
  shaper: Both;
  floors: ReadonlyMap<string, Both>;
  /** What devices of a priority class had before, by device: never taken away for a newcomer. */
  incumbents: ReadonlyMap<string, Both>;
}

/**
 * Admits needs class by class in order of urgency. Inside a class: whoever fits at the lowest rung, by utility; then the
 * room is shared demand-bounded by weight and snapped to rungs; what snapping left over raises rungs, by utility.
 *
 * A rung is tested at its full rate (if it happens it must fit), and reserved at its insured share. Nobody's own result
 * depends on the own insured share otherwise, so that it never falls when the own probability rises.
 */
export function admit(input: AdmissionInput): Grant[] {
  const { demanded, shaper, floors } = input;
  const left = both((direction) => {
    let floored = 0;
    for (const floor of floors.values()) floored += floor[direction];
    return shaper[direction] * guaranteeShare - floored;
  });
  const reserved = new Map<string, Both>();
  return trafficClasses.flatMap((trafficClass) => {
    const cap = both((direction) => shaper[direction] * classShare(trafficClass));
    const asking = (demanded.requests.get(trafficClass) ?? []).filter((request) => request.alternatives.length > 0);
    const bids = asking.map((request) => bidOf(request, input, reserved));
    bids.sort((a, b) => Number(b.incumbent) - Number(a.incumbent) || b.request.utility - a.request.utility || byId(a.request.device, b.request.device));
    const grants = admitClass(bids, new Room(cap, left));
    for (const { request, rates } of grants) {
      const before = reserved.get(request.device) ?? { down: 0, up: 0 };
      const free = freeOf(floors.get(request.device)!, before);
      for (const direction of directions) left[direction] -= Math.max(0, rates[direction] - free[direction]);
      reserved.set(request.device, both((direction) => before[direction] + rates[direction]));
    }
    return grants;
  });
}

/** A request while its class is decided. */
interface Bid {
  request: Request;
  /** What its device's floor already covers. */
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

const none: Both = { down: 0, up: 0 };
const freeOf = (floor: Both, reserved: Both): Both => both((direction) => Math.max(0, floor[direction] - reserved[direction]));

function bidOf(request: Request, { demanded, floors, incumbents }: AdmissionInput, reserved: ReadonlyMap<string, Both>): Bid {
  const { device } = request;
  const before = priorityClasses.includes(request.class) ? incumbents.get(device) : undefined;
  const hi = largest(request.alternatives, (alternative) => highest(alternative, request));
  let kept = none;
  if (before) {
    // What the device had may have been for its other classes too: only the rest is known to be for this one.
    const others = trafficClasses
      .filter((other) => other !== request.class)
      .flatMap((other) => demanded.requests.get(other)?.filter((asked) => asked.device === device) ?? [])
      .map((other) => largest(other.alternatives, (alternative) => highest(alternative, other)));
    kept = both((direction) => Math.min(hi[direction], Math.max(0, before[direction] - others.reduce((sum, other) => sum + other[direction], 0))));
  }
  const free = freeOf(floors.get(device)!, reserved.get(device) ?? none);
  return { request, free, kept, incumbent: before !== undefined, fitting: [], lo: none, hi, room: none };
}

/** What is left of a class and of the line; the line is only charged for what floors do not cover. */
class Room {
  readonly class: Both;
  readonly line: Both;
  constructor(cap: Both, line: Both) {
    this.class = { ...cap };
    this.line = { ...line };
  }
  /** Most this bid could take. */
  for({ free }: Bid): Both {
    return both((direction) => Math.max(0, Math.min(this.class[direction], Math.max(0, this.line[direction]) + free[direction])));
  }
  /** Most this bid could have, given what it already has. */
  with({ free }: Bid, rates: Both): Both {
    return both((direction) =>
      Math.min(rates[direction] + Math.max(0, this.class[direction]), Math.max(rates[direction], free[direction]) + Math.max(0, this.line[direction])),
    );
  }
  take({ free }: Bid, rates: Both, before: Both = none): void {
    for (const direction of directions) {
      this.class[direction] -= rates[direction] - before[direction];
      this.line[direction] -= Math.max(0, rates[direction] - free[direction]) - Math.max(0, before[direction] - free[direction]);
    }
  }
}

const fits = (rates: Both, room: Both): boolean => everyWay((direction) => rates[direction] <= room[direction] + epsilon);

function admitClass(bids: readonly Bid[], room: Room): Grant[] {
  const whole = { class: { ...room.class }, line: { ...room.line } };
  for (const bid of bids) {
    bid.room = room.for(bid);
    bid.fitting = bid.request.alternatives.filter((alternative) => {
      const lowest = lowestOf(alternative);
      const running = bid.incumbent && fits(scale(lowest, alternative.insured), bid.kept) && fits(bid.kept, bid.room);
      return (running || fits(lowest, bid.room)) && (alternative.ordered || fits(lowest, bid.request.cap));
    });
    bid.hi = largest(bid.fitting, (alternative) => highest(alternative, bid.request));
    bid.lo = largest(bid.fitting, (alternative) => scale(lowestOf(alternative), alternative.insured));
    bid.kept = both((direction) => Math.min(bid.kept[direction], bid.hi[direction]));
    const lo = both((direction) => Math.max(bid.lo[direction], bid.kept[direction]));
    if (fits(lo, bid.room)) bid.lo = lo;
    else bid.kept = none;
    room.take(bid, bid.lo);
  }
  const shares = directions.map((direction) => {
    const ofClass = bids.map(({ lo, hi, request }) => ({ lo: lo[direction], hi: hi[direction], weight: request.weight }));
    const ofLine = bids.map(({ lo, hi, free, request }) => ({
      lo: Math.max(0, lo[direction] - free[direction]),
      hi: Math.max(0, hi[direction] - free[direction]),
      weight: request.weight,
    }));
    return { ofClass: new Waterfill(ofClass, whole.class[direction]), ofLine: new Waterfill(ofLine, whole.line[direction]) };
  });
  const grants = bids.map((bid, i) => {
    const top = largest(bid.fitting, (alternative) => topOf(alternative, bid.request));
    const share = both((direction) => {
      const { ofClass, ofLine } = shares[directions.indexOf(direction)]!;
      const free = bid.free[direction];
      return Math.min(ofClass.share(i, top[direction]), ofLine.share(i, Math.max(0, top[direction] - free)) + free);
    });
    const grant = grantOf(bid, share);
    room.take(bid, grant.rates, bid.lo);
    return grant;
  });
  return grants.map((grant, i) => {
    const bid = bids[i]!;
    const own = room.with(bid, grant.rates);
    const raised = grantOf(bid, own, grant);
    room.take(bid, raised.rates, grant.rates);
    return raised;
  });
}

/** The best rungs inside a share, never below those of an earlier grant. */
function grantOf(bid: Bid, share: Both, earlier?: Grant): Grant {
  const verdicts = bid.request.alternatives.map((alternative): Verdict => {
    if (!bid.fitting.includes(alternative)) return { alternative, rung: undefined };
    const before = earlier?.verdicts.find((verdict) => verdict.alternative === alternative)?.rung;
    const rung = bestRung(alternative, share, bid.request) ?? before ?? lowestOf(alternative);
    return { alternative, rung: before && !everyWay((direction) => rung[direction] >= before[direction]) ? before : rung };
  });
  const rates = both((direction) =>
    Math.max(bid.kept[direction], earlier?.rates[direction] ?? 0, ...verdicts.map(({ alternative, rung }) => (rung?.[direction] ?? 0) * alternative.insured)),
  );
  return { request: bid.request, rates, verdicts, room: bid.room, kept: bid.kept };
}

/** The highest rungs both of which fit. A download brings the upstream its acknowledgements need. */
function bestRung(alternative: Alternative, share: Both, request: Request): Both | undefined {
  const { need, elastic } = alternative;
  const limit = alternative.ordered ? share : both((direction) => Math.min(share[direction], request.cap[direction]));
  if (elastic) {
    const down = Math.min(need.down[0] ?? 0, limit.down, limit.up / ackShare);
    return { down, up: Math.min(Math.max(need.up[0] ?? 0, down * ackShare), limit.up) };
  }
  for (const down of need.down.length > 0 ? need.down : [0]) {
    if (down > limit.down + epsilon) continue;
    for (const up of need.up.length > 0 ? need.up : [0]) {
      const withAcks = Math.max(up, down * ackShare);
      if (withAcks <= limit.up + epsilon) return { down, up: withAcks };
    }
  }
  return undefined;
}

/** Below this the activity breaks. */
export function lowestOf({ need, elastic }: Alternative): Both {
  if (elastic) return none;
  const down = need.down.at(-1) ?? 0;
  return { down, up: Math.max(need.up.at(-1) ?? 0, down * ackShare) };
}
/** The best rungs, as far as a cap lets them. */
export function topOf(alternative: Alternative, request?: Request): Both {
  const { need, ordered } = alternative;
  const cap = ordered ? undefined : request?.cap;
  const down = Math.min(need.down[0] ?? 0, cap?.down ?? Number.POSITIVE_INFINITY);
  return { down, up: Math.min(Math.max(need.up[0] ?? 0, down * ackShare), cap?.up ?? Number.POSITIVE_INFINITY) };
}
const scale = (rates: Both, factor: number): Both => both((direction) => rates[direction] * factor);
const highest = (alternative: Alternative, request: Request): Both => scale(topOf(alternative, request), alternative.insured);
const largest = (alternatives: readonly Alternative[], rates: (alternative: Alternative) => Both): Both =>
  alternatives.reduce<Both>((most, alternative) => {
    const own = rates(alternative);
    return both((direction) => Math.max(most[direction], own[direction]));
  }, none);
