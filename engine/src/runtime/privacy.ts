import { type ApplyOutcome, type Client, type Home, type Signal, unrecorded } from "../model/index.ts";
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

/** People the engine may learn from. */
export const taught = ({ people }: Home): string[] => people.filter((person) => person.recorded !== false).map((person) => person.id);

/** Forgets on disk and in mind; resolves with which signals stay. Who is here stays believed: it is so now. */
export async function forget(
  what: Forgetting,
  { store, learning, home }: { store: Store; learning: Learning; home: Home },
): Promise<(signal: Signal) => boolean> {
  const { subject, from = "", to = "9999" } = what;
  const subjects = subject === undefined ? undefined : [subject, ...(home.people.find((p) => p.id === subject)?.devices ?? [])];
  await store.forget({ ...what, ...(subjects ? { subjects, macs: macsOf(home, subjects) } : {}) });
  learning.forget(what);
  learning.welcome(taught(home));
  const isMeant = (s: Signal) => (subjects?.includes(s.subject) ?? true) && s.at >= from && s.at < to;
  return (s) => s.kind === "presence" || s.kind === "location" || !isMeant(s);
}
