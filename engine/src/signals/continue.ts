import type { Belief, Instant, Signal } from "../model/index.ts";

/**
 * The signal, with the instant its state or activity began when it only repeats what is believed: statements expire sooner
 * than what they tell of ends. Whatever an owner said in between ends the activity before it.
 */
export function continued(signal: Signal, { devices, subjects }: Pick<Belief, "devices" | "subjects">): Signal {
  const since =
    signal.kind === "presence" ? presentSince(signal, devices) : signal.kind === "activity" ? activeSince(signal, subjects) : undefined;
  return since === undefined || since >= signal.at ? signal : { ...signal, since };
}

function presentSince(signal: Extract<Signal, { kind: "presence" }>, devices: Belief["devices"]): Instant | undefined {
  const believed = devices.get(signal.subject);
  return believed?.present === signal.present ? believed.since : undefined;
}

function activeSince(signal: Extract<Signal, { kind: "activity" }>, subjects: Belief["subjects"]): Instant | undefined {
  const { activity, override } = subjects.get(signal.subject) ?? {};
  if (!activity || activity.persona !== signal.persona || activity.source !== signal.source || activity.expiresAt < signal.at)
    return undefined;
  return override && override.at > activity.at ? undefined : activity.at;
}

/** Signals that may still matter: not expired, and of presence, places and activities only what each source said last. */
export function stillNeeded(signals: readonly Signal[], at: Instant): Signal[] {
  const newest = new Map<string, Signal>();
  const replaces = (a: Signal, b: Signal | undefined) => b === undefined || a.at > b.at || (a.at === b.at && a.confidence >= b.confidence);
  const unexpired = signals.filter((s) => s.expiresAt > at);
  for (const s of unexpired) if (s.at <= at && replaces(s, newest.get(topic(s)))) newest.set(topic(s), s);
  return unexpired.filter((s) => !replacing.has(s.kind) || s.at > at || newest.get(topic(s)) === s);
}

const replacing: ReadonlySet<Signal["kind"]> = new Set(["presence", "location", "activity"]);
const topic = (s: Signal) => `${s.kind} ${s.subject} ${s.source}`;
