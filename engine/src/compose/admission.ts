import { trafficClasses } from "@network-personas/personas";
import { type Both, both, byId, type Direction, directions, epsilon, everyWay, none } from "./both.ts";
import type { Alternative, Demanded, Request } from "./demands.ts";
import { Ledger } from "./ledger.ts";
import { classShare, guaranteeShare, priorityClasses } from "./limits.ts";
import { type Bid, type Bonus, beyond, freeFor, noBonus, Room } from "./room.ts";
import { accountable, bestRung, highest, largest, lowestOf, scale, topOf } from "./rungs.ts";
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
  /** Its share of what was left, or all of that where not even the lowest rung fits. */
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
  const books: Books = { reserved: new Map(), line: new Ledger(), device: new Ledger() };
  return trafficClasses.flatMap((trafficClass) => {
    const asking = (demanded.requests.get(trafficClass) ?? []).filter((request) => request.alternatives.length > 0);
    const bids = asking.map((request) => bidOf(request, input, books));
    bids.sort(
      (a, b) =>
        Number(b.incumbent) - Number(a.incumbent) || b.request.utility - a.request.utility || byId(a.request.device, b.request.device),
    );
    // A device has one class: what it was promised in more urgent ones will count in this one.
    const cap = both(
      (direction) => shaper[direction] * classShare(trafficClass) - bids.reduce((sum, bid) => sum + bid.before[direction], 0),
    );
    const grants = admitClass(bids, new Room(cap, left), books);
    grants.forEach((grant, i) => {
      const { before, free, request } = bids[i]!;
      const charged = beyond(grant.rates, free);
      for (const direction of directions) left[direction] -= charged[direction];
      books.reserved.set(
        request.device,
        both((direction) => before[direction] + grant.rates[direction]),
      );
      enter(books, grant, free);
    });
    return grants;
  });
}

/** What has been promised in more urgent classes, by device, and by subject on the line and on each device. */
interface Books {
  reserved: Map<string, Both>;
  line: Ledger;
  device: Ledger;
}

/** Enters a grant under the alternative that asked for most of it. */
function enter({ line, device }: Books, { request, rates, verdicts }: Grant, free: Both): void {
  const granted = verdicts.filter((verdict) => verdict.rung !== undefined);
  const size = ({ alternative, rung }: Verdict) => (rung!.down + rung!.up) * alternative.insured;
  const winner = granted.reduce<Verdict | undefined>((most, verdict) => (most && size(most) >= size(verdict) ? most : verdict), undefined);
  if (!winner) return;
  const { subject, cause } = winner.alternative;
  line.enter(subject, cause, beyond(rates, free), beyond(winner.rung!, free));
  device.enter(`${request.device} ${subject}`, cause, rates, winner.rung!);
}

function bidOf(request: Request, { demanded, floors, incumbents }: AdmissionInput, books: Books): Bid {
  const { device } = request;
  const floor = floors.get(device)!;
  const had = priorityClasses.includes(request.class) ? incumbents.get(device) : undefined;
  // A floor is nobody's activity: who had no more runs nothing that a newcomer could take away.
  const incumbent = had && !fits(had, floor) ? had : undefined;
  const hi = largest(request.alternatives, (alternative) => highest(alternative, request));
  let kept = none;
  if (incumbent) {
    // What the device had may have been for its other classes too: only what they cannot account for was for this one.
    const others = trafficClasses
      .filter((other) => other !== request.class)
      .flatMap((other) => demanded.requests.get(other)?.filter((asked) => asked.device === device) ?? [])
      .map((other) => accountable(other, incumbent));
    kept = both((direction) =>
      Math.min(hi[direction], Math.max(0, incumbent[direction] - others.reduce((sum, other) => sum + other[direction], 0))),
    );
  }
  const before = books.reserved.get(device) ?? none;
  return {
    request,
    before,
    floor,
    free: beyond(floor, before),
    kept,
    incumbent: request.alternatives.some((alternative) => runs(alternative, kept)),
    fitting: [],
    lo: none,
    hi,
    room: none,
  };
}

/** What was kept carries the activity at its lowest rung, apart from what rounding took. */
const runs = (alternative: Alternative, kept: Both): boolean => fits(scale(lowestOf(alternative), alternative.insured * 0.97), kept);
const fits = (rates: Both, room: Both): boolean => everyWay((direction) => rates[direction] <= room[direction] + epsilon);

const bonusOf = ({ line, device }: Books, request: Request, { subject, cause }: Alternative): Bonus => ({
  line: line.bonus(subject, cause),
  device: device.bonus(`${request.device} ${subject}`, cause),
});

function admitClass(bids: readonly Bid[], room: Room, books: Books): Grant[] {
  const whole = { class: { ...room.class }, line: { ...room.line } };
  // What runs already comes before anything new, also before what is new on a device that has some.
  const taken = bids.map((bid) => {
    const running = bid.incumbent && fits(bid.kept, room.for(bid)) ? bid.kept : none;
    room.take(bid, running);
    return running;
  });
  bids.forEach((bid, i) => {
    admitLowest(bid, room, books, taken[i]!);
  });
  const shares = sharesOf(bids, whole);
  const grants = bids.map((bid, i) => {
    const share = (alternative: Alternative) => shares(i, topOf(alternative, bid.request), bonusOf(books, bid.request, alternative));
    if (bid.fitting.length > 0) bid.room = share(bid.fitting[0]!);
    const real = shares(i, bid.hi, noBonus);
    const grant = grantOf(
      bid,
      share,
      both((direction) => Math.max(bid.lo[direction], real[direction])),
    );
    room.take(bid, grant.rates, bid.lo);
    return grant;
  });
  // What snapping to rungs left over raises rungs, in the same order.
  return grants.map((grant, i) => {
    const bid = bids[i]!;
    const raised = grantOf(
      bid,
      (alternative) => room.with(bid, grant.rates, bonusOf(books, bid.request, alternative)),
      room.with(bid, grant.rates),
      grant,
    );
    room.take(bid, raised.rates, grant.rates);
    return raised;
  });
}

/** Decides which alternatives may happen at all, and reserves their lowest rungs, or what an incumbent has. `taken` is reserved already. */
function admitLowest(bid: Bid, room: Room, books: Books, taken: Both): void {
  const { request } = bid;
  const real = room.with(bid, taken);
  bid.room = real;
  bid.fitting = request.alternatives.filter((alternative) => {
    const lowest = lowestOf(alternative);
    const running = bid.incumbent && runs(alternative, bid.kept) && fits(bid.kept, real);
    return (
      (running || fits(lowest, room.with(bid, taken, bonusOf(books, request, alternative)))) &&
      (alternative.ordered || fits(lowest, request.cap))
    );
  });
  bid.hi = largest(bid.fitting, (alternative) => highest(alternative, request));
  const lowest = largest(bid.fitting, (alternative) => scale(lowestOf(alternative), alternative.insured));
  bid.kept = both((direction) => Math.min(bid.kept[direction], bid.hi[direction]));
  const lo = both((direction) => Math.max(lowest[direction], bid.kept[direction]));
  if (!fits(lo, real)) bid.kept = none;
  bid.lo = both((direction) => Math.min(fits(lo, real) ? lo[direction] : lowest[direction], real[direction]));
  room.take(bid, bid.lo, taken);
}

/** Everybody's weighted max-min share of a class: of its cap, and of what is left of the line beyond floors. */
function sharesOf(bids: readonly Bid[], whole: { class: Both; line: Both }): (index: number, demand: Both, bonus: Bonus) => Both {
  const pools = eachWay((direction) => {
    const ofClass = bids.map(({ lo, hi, request }) => ({
      lo: lo[direction],
      hi: Math.max(lo[direction], hi[direction]),
      weight: request.weight,
    }));
    const ofLine = bids.map(({ lo, hi, free, request }) => {
      const [least, most] = [beyond(lo, free)[direction], beyond(hi, free)[direction]];
      return { lo: least, hi: Math.max(least, most), weight: request.weight };
    });
    return { ofClass: new Waterfill(ofClass, whole.class[direction]), ofLine: new Waterfill(ofLine, whole.line[direction]) };
  });
  return (index, demand, bonus) =>
    both((direction) => {
      const free = freeFor(bids[index]!, bonus)[direction];
      const ofClass = pools[direction].ofClass.share(index, demand[direction], bonus.device[direction]);
      return Math.min(ofClass, pools[direction].ofLine.share(index, Math.max(0, demand[direction] - free), bonus.line[direction]) + free);
    });
}
const eachWay = <T>(make: (direction: Direction) => T): Record<Direction, T> => ({ down: make("down"), up: make("up") });

/** The best rungs inside each alternative's share, reserved as far as there really is room; never below an earlier grant. */
function grantOf(bid: Bid, share: (alternative: Alternative) => Both, real: Both, earlier?: Grant): Grant {
  const verdicts = bid.request.alternatives.map((alternative): Verdict => {
    if (!bid.fitting.includes(alternative)) return { alternative, rung: undefined };
    const before = earlier?.verdicts.find((verdict) => verdict.alternative === alternative)?.rung;
    const rung = bestRung(alternative, share(alternative), bid.request) ?? before ?? lowestOf(alternative);
    return { alternative, rung: before && !everyWay((direction) => rung[direction] >= before[direction]) ? before : rung };
  });
  const rates = both((direction) => {
    const wanted = Math.max(0, ...verdicts.map(({ alternative, rung }) => (rung?.[direction] ?? 0) * alternative.insured));
    return Math.max(bid.kept[direction], earlier?.rates[direction] ?? 0, Math.min(wanted, real[direction]));
  });
  return { request: bid.request, rates, verdicts, room: bid.room, kept: bid.kept };
}
