import { type ApplyOutcome, type Client, earliest, type Home, type Instant, type Signal, unrecorded } from "../model/index.ts";
import { outcomeWithout, type Store } from "../store/index.ts";
import type { Learning } from "./learning.ts";
import type { Forgetting } from "./port.ts";

/** Of signals, or of subjects, those that are not about people who want nothing recorded. */
export function recorded<T extends { subject: string } | { id: string }>(all: readonly T[], home: Home): T[] {
  const silent = unrecorded(home);
  return all.filter((one) => !silent.has("subject" in one ? one.subject : one.id));
}
/** The clients of whom it may be kept that they were seen: none of people who want nothing recorded. */
export function keepable(clients: readonly Client[], home: Home): Client[] {
  const silent = macsOf(home, [...unrecorded(home)]);
  return clients.filter(({ mac }) => !silent.includes(mac));
}
/** What may be kept of a change: what it tells of people who want nothing recorded may not; null when that is all of it. */
export function keepableOutcome(outcome: ApplyOutcome, home: Home): ApplyOutcome | null {
  const silent = [...unrecorded(home)];
  return outcomeWithout(outcome, [...silent, ...macsOf(home, silent)]);
}
const macsOf = ({ devices }: Home, ids: readonly string[]): string[] =>
  devices.flatMap((device) => (ids.includes(device.id) ? device.macs : []));

/** The calendars of people who want nothing recorded, and of nobody else: their events are shown, and no copy of them is kept. */
export function unkeptCalendars({ people, calendars }: Home): Set<string> {
  const ofRecorded = new Set(people.flatMap((person) => (person.recorded === false ? [] : person.calendars)));
  const ofOthers = new Set(people.flatMap((person) => (person.recorded === false ? person.calendars : [])));
  return new Set(calendars.map(({ id }) => id).filter((id) => ofOthers.has(id) && !ofRecorded.has(id)));
}

/** People the engine may learn from. */
export const taught = ({ people }: Home): string[] => people.filter((person) => person.recorded !== false).map((person) => person.id);

/** What a stretch of time that was forgotten means for signals. */
export interface Forgotten {
  /** What stays believed, and as what. Who is here does, and since when: it is so now. */
  believed(signals: readonly Signal[]): Signal[];
  /** A signal as it may be kept from then on: without having begun in that time. */
  retold(signal: Signal): Signal;
}

/** Forgets on disk and in mind. */
export async function forget(
  what: Forgetting,
  { store, learning, home, at }: { store: Store; learning: Learning; home: Home; at: Instant },
): Promise<Forgotten> {
  const { subject, from = "", to = "9999" } = what;
  const subjects = subject === undefined ? undefined : [subject, ...(home.people.find((p) => p.id === subject)?.devices ?? [])];
  const states = learning.forget(what, home.home.timeZone);
  await store.forget({ ...what, states, ...(subjects ? { subjects, macs: macsOf(home, subjects) } : {}) });
  learning.welcome(taught(home));
  const isMeant = (s: Signal, when: Instant) => (subjects?.includes(s.subject) ?? true) && when >= from && when < to;
  const end = earliest(to, at);
  const retold = (s: Signal): Signal =>
    s.since !== undefined && s.since < end && isMeant(s, s.since) ? { ...s, since: earliest(end, s.at) } : s;
  const isHere = (s: Signal) => s.kind === "presence" || s.kind === "location";
  return { retold, believed: (signals) => signals.flatMap((s) => (isHere(s) ? s : isMeant(s, s.at) ? [] : retold(s))) };
}
