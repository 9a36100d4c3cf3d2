import { type DeviceKind, everyday, weekdays } from "@network-personas/personas";
import { dayMs } from "../calendar/wall.ts";
import { ianaZone, toUtc } from "../calendar/zone.ts";
import type { Instant, Occurrence, SignalInput } from "../model/index.ts";
import { dayLength, drawDay } from "./household/day.ts";
import { chooseDevice, merge, presenceOf, type Span } from "./household/presence.ts";
import { randomOf } from "./household/random.ts";
import { alwaysOn, type Routine, routines } from "./household/routine.ts";

export { type RegularAppointment, type Routine, routines, typicalRates } from "./household/routine.ts";

export interface SimulatedDevice {
  id: string;
  kind: DeviceKind;
}
export interface SimulatedPerson {
  id: string;
  devices: readonly SimulatedDevice[];
  routine: Routine;
}
/** Who lives there. Everything that follows is a function of this: no clock, no other randomness. */
export interface Household {
  seed: number;
  /** IANA zone in which its days are lived. */
  timeZone: string;
  people: readonly SimulatedPerson[];
  /** Devices nobody owns. */
  shared: readonly SimulatedDevice[];
}

/** What a subject really did. The truth a prediction is measured against. */
export interface TrueActivity {
  subject: string;
  persona: string;
  from: Instant;
  to: Instant;
  home: boolean;
  /** The device it was done with; null when none in particular. */
  device: string | null;
}

/** A device was on the network. */
export interface PresenceInterval {
  device: string;
  from: Instant;
  to: Instant;
}

/** What a calendar said, and whether it came true. */
export interface Appointment {
  subject: string;
  persona: string;
  occurrence: Occurrence;
  tookPlace: boolean;
}

export interface SimulatedDay {
  /** Local date. */
  date: string;
  /** Per subject in order and without gaps, from local midnight to local midnight. */
  activities: readonly TrueActivity[];
  presence: readonly PresenceInterval[];
  appointments: readonly Appointment[];
  /** Arrivals and departures as a router would report them, in order of time. */
  signals: readonly (SignalInput & { kind: "presence"; at: Instant })[];
}

/** A worker at home, a player, a television and a camera. */
export const sampleHousehold: Household = {
  seed: 1,
  timeZone: "Europe/Berlin",
  people: [
    {
      id: "alice",
      devices: [
        { id: "alice-laptop", kind: "laptop" },
        { id: "alice-phone", kind: "phone" },
      ],
      routine: routines.homeWorker,
    },
    {
      id: "bob",
      devices: [
        { id: "bob-console", kind: "console" },
        { id: "bob-phone", kind: "phone" },
      ],
      routine: routines.player,
    },
  ],
  shared: [
    { id: "tv", kind: "tv" },
    { id: "camera", kind: "camera" },
  ],
};

/**
 * Lives the days of a household from a local date on, one after the other. A date's day does not depend on where the
 * simulation started.
 */
export function* simulateHousehold(household: Household, from: string, days: number): Generator<SimulatedDay> {
  let last: SimulatedDay | undefined;
  for (let i = 0; i < days; i++) {
    const day = simulateDay(household, new Date(Date.parse(from) + i * dayMs).toISOString().slice(0, 10));
    yield { ...day, signals: signalsOf(household, day, last) };
    last = day;
  }
}

/** One day by itself: its signals start with what is there at midnight. */
export function simulateDay(household: Household, date: string): SimulatedDay {
  const weekday = weekdays[(new Date(date).getUTCDay() + 6) % 7]!;
  const instant = instants(date, household.timeZone);
  const activities: TrueActivity[] = [];
  const appointments: Appointment[] = [];
  const spans = new Map<string, Span[]>(
    household.shared.map(({ id, kind }) => [id, alwaysOn.has(kind) ? [{ from: 0, to: dayLength }] : []]),
  );

  for (const person of household.people) {
    const random = randomOf(household.seed, date, person.id);
    const drawn = drawDay(person.routine, weekday, random);
    const stretches = drawn.stretches.map((s) => ({
      ...s,
      device: s.home ? chooseDevice(s.persona, person.devices, household.shared) : null,
    }));
    for (const { from, to, persona, home, device } of joinSameActivity(stretches)) {
      activities.push({ subject: person.id, persona, from: instant(from), to: instant(to), home, device });
    }
    for (const [device, list] of presenceOf(stretches, person.devices, random)) spans.set(device, [...(spans.get(device) ?? []), ...list]);
    for (const { summary, persona, at, minutes, tookPlace, conferenceHost } of drawn.appointments) {
      appointments.push({
        subject: person.id,
        persona,
        tookPlace,
        occurrence: occurrence(person.id, `${date}-${at}`, summary, instant(at), instant(at + minutes), conferenceHost),
      });
    }
  }
  const presence = [...spans].flatMap(([device, list]) =>
    merge(list).map(({ from, to }) => ({ device, from: instant(from), to: instant(to) })),
  );
  for (const device of household.shared) activities.push(deviceActivity(device, instant(0), instant(dayLength)));
  const result = {
    date,
    activities: activities.filter((a) => a.from < a.to),
    presence: presence.filter((p) => p.from < p.to),
    appointments,
  };
  return { ...result, signals: signalsOf(household, result, undefined) };
}

/** Sleeping and idling at home are both "nothing in particular". */
function joinSameActivity<T extends { from: number; to: number; persona: string; home: boolean }>(stretches: readonly T[]): T[] {
  const joined: T[] = [];
  for (const stretch of stretches) {
    const last = joined.at(-1);
    if (last && last.persona === stretch.persona && last.home === stretch.home) last.to = stretch.to;
    else joined.push({ ...stretch });
  }
  return joined;
}

/** Simple devices do their one thing all day; what people do with a shared screen is the people's activity, not the screen's. */
function deviceActivity({ id, kind }: SimulatedDevice, from: Instant, to: Instant): TrueActivity {
  const busy = alwaysOn.has(kind) && kind !== "server";
  return { subject: id, persona: busy ? "iot-device" : everyday, from, to, home: true, device: busy ? id : null };
}

function signalsOf(
  household: Household,
  day: Pick<SimulatedDay, "presence" | "date">,
  before: Pick<SimulatedDay, "presence"> | undefined,
): SimulatedDay["signals"] {
  const instant = instants(day.date, household.timeZone);
  const [midnight, end] = [instant(0), instant(dayLength)];
  const signal = (subject: string, present: boolean, at: Instant): SimulatedDay["signals"][number] => ({
    kind: "presence",
    subject,
    present,
    at,
    source: "router:simulated",
    id: `${subject}-${at}-${present ? "on" : "off"}`,
  });
  const devices = [...household.people.flatMap((p) => p.devices), ...household.shared];
  return devices
    .flatMap(({ id }) => {
      const here = day.presence.filter((p) => p.device === id);
      const overnight = before?.presence.some((p) => p.device === id && p.to === midnight);
      const atMidnight = here.some((p) => p.from === midnight);
      const first = before === undefined || overnight !== atMidnight ? [signal(id, atMidnight, midnight)] : [];
      const arrivals = here.filter((p) => p.from !== midnight).map((p) => signal(id, true, p.from));
      const departures = here.filter((p) => p.to !== end).map((p) => signal(id, false, p.to));
      return [...first, ...arrivals, ...departures];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const occurrence = (
  subject: string,
  uid: string,
  summary: string,
  start: Instant,
  end: Instant,
  conferenceHost: string | undefined,
): Occurrence => ({
  uid: `${subject}-${uid}`,
  calendar: `${subject}-calendar`,
  summary,
  start,
  end,
  allDay: false,
  busy: "busy",
  categories: [],
  status: "confirmed",
  recurring: true,
  ...(conferenceHost === undefined ? {} : { conferenceHost }),
});

/** Minutes after local midnight as instants; on days when clocks change, what the wall clock says counts. */
function instants(date: string, timeZone: string): (minute: number) => Instant {
  const zone = ianaZone(timeZone);
  if (!zone) throw new Error(`"${timeZone}" is no time zone`);
  const midnight = Date.parse(date);
  const known = new Map<number, Instant>();
  return (minute) => {
    const found = known.get(minute) ?? new Date(toUtc(zone, midnight + minute * 60_000)).toISOString();
    known.set(minute, found);
    return found;
  };
}

/** What a subject does at an instant of this day. */
export function activityAt(day: SimulatedDay, subject: string, at: Instant): TrueActivity | undefined {
  return day.activities.find((a) => a.subject === subject && a.from <= at && at < a.to);
}
/** Devices on the network at an instant of this day. */
export function presentAt(day: SimulatedDay, at: Instant): Set<string> {
  return new Set(day.presence.filter((p) => p.from <= at && at < p.to).map((p) => p.device));
}
