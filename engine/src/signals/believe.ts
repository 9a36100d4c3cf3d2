import {
  type Belief,
  type DeviceBelief,
  type Home,
  type Instant,
  inEnglish,
  type Occurrence,
  type Sentence,
  type Signal,
  type StatedEvidence,
  type SubjectBelief,
  sentence,
  subjectsOf,
  verbatim,
} from "../model/index.ts";

type Of<K extends Signal["kind"]> = Extract<Signal, { kind: K }>;

/** Kinds people carry: when one is on the network its owner is at home. */
const carried = new Set(["phone", "tablet", "laptop"]);

/**
 * What is believed at `at`, from all signals that have happened and not expired.
 * Of several statements about the same thing the newest counts; at the same instant the surer one.
 */
export function believe(
  signals: readonly Signal[],
  occurrences: ReadonlyMap<string, readonly Occurrence[]>,
  home: Home,
  at: Instant,
): Belief {
  const current = signals.filter((s) => s.at <= at && s.expiresAt > at).sort(byAge);
  const devices = new Map<string, DeviceBelief>();
  for (const device of home.devices) {
    const presence = lastOf(current, "presence", device.id);
    devices.set(
      device.id,
      presence ? { present: presence.present, since: sinceWhen(current, presence), confidence: presence.confidence } : { confidence: 0 },
    );
  }
  const subjects = new Map<string, SubjectBelief>();
  for (const subject of subjectsOf(home)) {
    const place = placeOf(current, subject.id, subject.devices, devices);
    const override = lastOf(current, "override", subject.id);
    const activity = lastOf(current, "activity", subject.id);
    subjects.set(subject.id, {
      subject: subject.id,
      ...(place === undefined ? {} : { place }),
      ...(override?.persona
        ? { override: { persona: override.persona, source: override.source, at: override.at, expiresAt: override.expiresAt } }
        : {}),
      ...(activity ? { activity: activityOf(activity) } : {}),
      evidence: evidenceOf(current, subject.id),
      events: subject.calendars.flatMap((calendar) => (occurrences.get(calendar) ?? []).filter((o) => matters(o, at))),
    });
  }
  return { at, devices, subjects };
}

const activityOf = ({ persona, source, at, since = at, expiresAt, weight }: Of<"activity">) => ({
  persona,
  source,
  at: since,
  expiresAt,
  weight,
});

const byAge = (a: Signal, b: Signal) => (a.at === b.at ? a.confidence - b.confidence || (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1);

function lastOf<K extends Signal["kind"]>(signals: readonly Signal[], kind: K, subject: string): Of<K> | undefined {
  return signals.findLast((s): s is Of<K> => s.kind === kind && s.subject === subject);
}

/** When the state that `presence` confirms began: repeats of the same statement do not restart it. */
function sinceWhen(signals: readonly Signal[], presence: Of<"presence">): Instant {
  const same = signals.filter((s): s is Of<"presence"> => s.kind === "presence" && s.subject === presence.subject);
  const change = same.findLastIndex((s) => s.present !== presence.present);
  const first = same[change + 1]!;
  // What was said otherwise is newer than what a statement can know of its past.
  return change < 0 ? (first.since ?? first.at) : first.at;
}

/** Where a person is: the newest of what was said and of a carried device coming on the network. */
function placeOf(
  signals: readonly Signal[],
  subject: string,
  own: readonly { id: string; kind: string }[],
  devices: ReadonlyMap<string, DeviceBelief>,
): string | undefined {
  const location = lastOf(signals, "location", subject);
  const said = lastOf(signals, "presence", subject);
  const statements: { at: Instant; place: string }[] = [];
  if (location) statements.push({ at: location.at, place: location.place });
  if (said) statements.push({ at: said.at, place: said.present ? "home" : "away" });
  for (const device of own) {
    const belief = devices.get(device.id);
    if (carried.has(device.kind) && belief?.present && belief.since) statements.push({ at: belief.since, place: "home" });
  }
  return statements.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1)?.place;
}

/** The most that one sender may move a persona, however many sub-sources ("token:app/sensor-1") it speaks as. Natural log-odds. */
const mostPerSender = 4;

/** The newest evidence of each source, added up per sender. */
function evidenceOf(signals: readonly Signal[], subject: string): StatedEvidence[] {
  const bySource = new Map<string, Of<"evidence">>();
  for (const s of signals) if (s.kind === "evidence" && s.subject === subject) bySource.set(s.source, s);
  const bySender = new Map<string, { logOdds: Record<string, number>; why: Sentence[] }>();
  for (const [source, { logOdds, why, said }] of bySource) {
    const sender = source.split("/")[0]!;
    const sum = bySender.get(sender) ?? { logOdds: {}, why: [] };
    for (const [persona, value] of Object.entries(logOdds)) sum.logOdds[persona] = (sum.logOdds[persona] ?? 0) + value;
    if (why) sum.why.push(said ?? verbatim(why));
    bySender.set(sender, sum);
  }
  const clamp = (value: number) => Math.max(-mostPerSender, Math.min(mostPerSender, value));
  return [...bySender].map(([source, { logOdds, why }]) => {
    const said = why.length === 0 ? undefined : why.reduce((first, more) => sentence("several", { first, more }));
    return {
      source,
      logOdds: Object.fromEntries(Object.entries(logOdds).map(([persona, value]) => [persona, clamp(value)])),
      why: said ? inEnglish(said) : "",
      ...(said && { said }),
    };
  });
}

const day = 24 * 60 * 60_000;
const matters = (o: Occurrence, at: Instant) => Date.parse(o.end) > Date.parse(at) && Date.parse(o.start) < Date.parse(at) + day;
