import { dayOfValue, type EventRecord, type FindZone, instantOf } from "./event.ts";
import { endOfTime } from "./expander.ts";
import type { Problems } from "./problems.ts";
import type { Stamp } from "./property.ts";
import { dayMs, dayOf, type Wall } from "./wall.ts";
import { toUtc, toWall, type Zone } from "./zone.ts";

/** From `from` on, instances are shifted and look like `template` (the master, or an override for this and future). */
export interface Segment {
  from: Wall;
  to: Wall;
  shift: number;
  template: EventRecord;
}

/** Instances by their instant or their local day. */
interface InstanceSet {
  instants: ReadonlySet<number>;
  days: ReadonlySet<number>;
}

/** A master with everything that says which of its instances are not shown as they are. */
export interface MasterRecord {
  event: EventRecord;
  /** What overrides replace (the same for all masters of a UID) and EXDATE takes out. */
  gone: readonly InstanceSet[];
  segments: readonly Segment[];
}

/** An event that is shown where it itself is; `instance` is the instant of the instance it replaces. */
export interface SingleRecord {
  event: EventRecord;
  instance?: number;
}

/** All events of one UID. */
export interface Series {
  masters: readonly MasterRecord[];
  singles: readonly SingleRecord[];
  /** Nothing is before or after these instants. */
  first: number;
  last: number;
}

export const repeats = (event: EventRecord): boolean => event.rules.length > 0 || event.extra.length > 0;

/** End of an event, or of an instance of it, that begins at a wall time. */
export function endOf(event: EventRecord, wall: Wall, utc: number): number {
  const { days, ms, exact } = event.length;
  return exact ? utc + ms : toUtc(event.zone, (event.allDay ? dayOf(wall) * dayMs : wall) + days * dayMs) + ms;
}

/** Which instance a RECURRENCE-ID or EXDATE means: an instant, or a local day when either side is a date. */
type InstanceKey = { instant: number } | { day: number };
function keyOf(value: Stamp, master: EventRecord, home: Zone, findZone: FindZone): InstanceKey {
  if (master.allDay) return { day: dayOfValue(value, home) };
  return value.kind === "date" ? { day: dayOf(value.wall) } : { instant: instantOf(value, master, findZone) };
}
function instanceSet(keys: readonly InstanceKey[]): InstanceSet | undefined {
  if (keys.length === 0) return undefined;
  return {
    instants: new Set(keys.flatMap((k) => ("instant" in k ? [k.instant] : []))),
    days: new Set(keys.flatMap((k) => ("day" in k ? [k.day] : []))),
  };
}
export const holds = (set: InstanceSet, day: number, instant: () => number): boolean =>
  set.days.has(day) || (set.instants.size > 0 && set.instants.has(instant()));
const sameKey = (key: InstanceKey): string => ("day" in key ? `day ${key.day}` : `instant ${key.instant}`);

/** Puts together what belongs to one UID. */
export function buildSeries(events: readonly EventRecord[], home: Zone, findZone: FindZone, problems: Problems): Series {
  const [only] = events;
  if (only && events.length === 1 && !only.recurrenceId && !repeats(only) && only.excluded.length === 0) {
    return only.cancelled ? series([], []) : series([], [{ event: only }]);
  }
  const masters = currentMasters(
    events.filter((e) => !e.recurrenceId),
    problems,
  );
  let overrides = events.filter((e) => e.recurrenceId);
  const [master] = masters;
  if (!master) {
    const ownKey = (o: EventRecord): InstanceKey => keyOf(o.recurrenceId!, o, home, findZone);
    const orphans = latest(overrides, (o) => sameKey(ownKey(o))).filter((o) => !o.cancelled);
    return series(
      [],
      orphans.map((event) => ({ event, instance: instantOfKey(ownKey(event), event) })),
    );
  }
  if (master.cancelled) overrides = overrides.filter((o) => o.sequence > master.sequence);

  const keys = new Map(overrides.map((o) => [o, keyOf(o.recurrenceId!, master, home, findZone)]));
  const current = latest(overrides, (o) => sameKey(keys.get(o)!));
  const overridden = instanceSet(current.map((o) => keys.get(o)!));
  const futures = current.filter((o) => o.thisAndFuture);
  const records = masters
    .filter((m) => !m.cancelled)
    .map((event): MasterRecord => {
      const excluded = instanceSet(event.excluded.map((value) => keyOf(value, event, home, findZone)));
      return { event, gone: [overridden, excluded].filter((set) => set !== undefined), segments: segmentsOf(event, futures, keys) };
    });
  const excluded = new Set(masters.flatMap((m) => m.excluded.map((value) => sameKey(keyOf(value, m, home, findZone)))));
  const shown = current.filter((o) => !o.cancelled && !isExcluded(keys.get(o)!, excluded, master));
  return series(
    records,
    shown.map((event) => ({ event, instance: instantOfKey(keys.get(event)!, master) })),
  );
}

/** When the series has the instance a key means, wherever an override moved it. */
const instantOfKey = (key: InstanceKey, master: EventRecord): number =>
  "instant" in key ? key.instant : toUtc(master.zone, wallOfDay(key.day, master));
/** The usual wall time of a series on a day. */
const wallOfDay = (day: number, master: EventRecord): Wall =>
  day * dayMs + (master.allDay ? 0 : master.start - dayOf(master.start) * dayMs);

function isExcluded(key: InstanceKey, excluded: ReadonlySet<string>, master: EventRecord): boolean {
  if (excluded.has(sameKey(key))) return true;
  return "instant" in key && excluded.has(`day ${dayOf(toWall(master.zone, key.instant))}`);
}

/** Of several masters the highest SEQUENCE counts; the same thing told twice is one. */
function currentMasters(masters: readonly EventRecord[], problems: Problems): EventRecord[] {
  if (masters.length < 2) return [...masters];
  const highest = Math.max(...masters.map((m) => m.sequence));
  const told = new Map<string, EventRecord>();
  for (const m of masters.filter((m) => m.sequence === highest)) {
    const rules = m.raw.lines
      .filter((l) => l.name === "RRULE")
      .map((l) => l.line)
      .join();
    const same = [m.allDay, m.startUtc, m.length.days, m.length.ms, rules].join();
    if (!told.has(same)) told.set(same, m);
  }
  if (told.size < masters.length)
    problems.add("came again with the same UID; the newest version is used", masters[0]!.raw.offset, masters.length - told.size);
  return [...told.values()];
}

/** One override per instance: the highest SEQUENCE, then the last in the text. */
function latest(overrides: readonly EventRecord[], key: (o: EventRecord) => string): EventRecord[] {
  const newest = new Map<string, EventRecord>();
  for (const o of overrides) {
    const known = newest.get(key(o));
    if (!known || o.sequence >= known.sequence) newest.set(key(o), o);
  }
  return [...newest.values()];
}

function segmentsOf(master: EventRecord, changes: readonly EventRecord[], keys: ReadonlyMap<EventRecord, InstanceKey>): Segment[] {
  const begins = changes
    .map((template) => {
      const key = keys.get(template)!;
      const from = "day" in key ? wallOfDay(key.day, master) : toWall(master.zone, key.instant);
      return { from, shift: template.start - from, template };
    })
    .sort((a, b) => a.from - b.from);
  const all = [{ from: Number.NEGATIVE_INFINITY, shift: 0, template: master }, ...begins];
  return all.map((segment, i) => ({ ...segment, to: all[i + 1]?.from ?? Number.POSITIVE_INFINITY })).filter((s) => !s.template.cancelled);
}

function series(masters: readonly MasterRecord[], singles: readonly SingleRecord[]): Series {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { event, segments } of masters) {
    // An extra date may be before DTSTART and have any length; a changed future any shift.
    const loose = event.extra.length > 0 || segments.length !== 1;
    const until = Math.max(event.start, ...event.rules.map((r) => r.until));
    first = Math.min(first, event.extra.length > 0 ? Number.NEGATIVE_INFINITY : event.startUtc);
    last = Math.max(last, loose || until >= endOfTime ? Number.POSITIVE_INFINITY : endOf(event, until, toUtc(event.zone, until)) + dayMs);
  }
  for (const { event } of singles) {
    first = Math.min(first, event.startUtc);
    last = Math.max(last, endOf(event, event.start, event.startUtc));
  }
  return { masters, singles, first: first - dayMs, last };
}
