import type { DeviceBelief, Instant, Signal } from "../model/index.ts";

/** The signal, with the instant its state began when it only repeats what is believed: statements expire sooner than states end. */
export function continued(signal: Signal, devices: ReadonlyMap<string, DeviceBelief>): Signal {
  if (signal.kind !== "presence") return signal;
  const believed = devices.get(signal.subject);
  if (believed?.since === undefined || believed.present !== signal.present || believed.since >= signal.at) return signal;
  return { ...signal, since: believed.since };
}

/** Signals that may still matter: not expired, and of presence and places only what each source said last. */
export function stillNeeded(signals: readonly Signal[], at: Instant): Signal[] {
  const newest = new Map<string, Signal>();
  const replaces = (a: Signal, b: Signal | undefined) => b === undefined || a.at > b.at || (a.at === b.at && a.confidence >= b.confidence);
  const unexpired = signals.filter((s) => s.expiresAt > at);
  for (const s of unexpired) if (s.at <= at && replaces(s, newest.get(topic(s)))) newest.set(topic(s), s);
  return unexpired.filter((s) => (s.kind !== "presence" && s.kind !== "location") || s.at > at || newest.get(topic(s)) === s);
}

const topic = (s: Signal) => `${s.kind} ${s.subject} ${s.source}`;
