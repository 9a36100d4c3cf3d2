import type { HomeLog } from "./home-log.ts";
import { Random } from "./random.ts";

/** What a synthetic home has, each level on top of the one before. */
export const levels = ["plain", "mood", "calendar", "devices", "drift"] as const;
export type Level = (typeof levels)[number];

export const classes = ["idle", "asleep", "away", "work", "media", "gaming", "editing"] as const;
const [asleep, away, work, media, gaming, editing] = [1, 2, 3, 4, 5, 6];
const K = classes.length;
const slots = 96;
/** Kinds of appointment with the class they mean, how likely a day has one, when it starts and how many slots it takes. */
const appointments = [
  { means: work, daily: 0.55, from: 9, to: 15, length: [4, 9] },
  { means: gaming, daily: 0.22, from: 19, to: 21, length: [8, 14] },
  { means: away, daily: 0.16, from: 9, to: 17, length: [8, 20] },
] as const;
const kept = 0.85;
const moods = 3;
const deviceKinds = 5;
const deviceOf: Readonly<Record<number, number>> = { [work]: 1, [media]: 2, [gaming]: 3, [editing]: 4 };

/** A home whose every probability is known, with the best prediction anybody could have made for each slot. */
export interface SyntheticHome {
  log: HomeLog;
  /** Per slot: the distribution of the slot's class given all that came before it (exact Bayes filter). */
  oracle: Float64Array[];
  /** Appointment code -> class it means. */
  meanings: ReadonlyMap<string, number>;
  /** Slots at which an appointment begins. */
  begins: readonly boolean[];
  /** Day on which habits change; Infinity when they never do. */
  driftDay: number;
}

/** Calendar codes: 0 nothing, 1..9 running (kind x phase), 10..12 about to begin, 13 just over. */
const runningCode = (kind: number, sinceStart: number) => 1 + kind * 3 + (sinceStart < 1 ? 0 : sinceStart < 3 ? 1 : 2);
const comingCode = (kind: number) => 10 + kind;
const overCode = 13;

export function synthesise(seed: number, level: Level, days: number): SyntheticHome {
  const random = new Random(seed);
  const rank = levels.indexOf(level);
  const [hasMood, hasCalendar, hasDevices, drifts] = [rank >= 1, rank >= 2, rank >= 3, rank >= 4];
  const n = days * slots;
  const driftDay = drifts ? Math.floor(days / 2) : Number.POSITIVE_INFINITY;
  const habits = household(random, hasMood, drifts);
  const { kind, id, count } = hasCalendar
    ? bookings(random, days)
    : { kind: new Int8Array(n + 8).fill(-1), id: new Int16Array(n + 8).fill(-1), count: 0 };
  const isKept = Array.from({ length: count + 1 }, () => random.next() < kept);

  const activity = new Int8Array(n);
  const device = new Int8Array(n);
  const oracle: Float64Array[] = [];
  // Belief over (mood of the day, is the running appointment kept).
  let belief = habits.moodPrior.map((p) => [p * (1 - kept), p * kept]);
  let [now, dwell, mood, lastId] = [asleep, 10, 0, -1];
  for (let s = 0; s < n; s++) {
    const day = Math.floor(s / slots);
    if (s % slots === 16) {
      mood = random.choose(habits.moodPrior);
      const keep = [0, 1].map((k) => belief.reduce((sum, row) => sum + row[k]!, 0));
      belief = habits.moodPrior.map((p) => keep.map((q) => p * q));
    }
    if (id[s] !== lastId && id[s]! >= 0) belief = belief.map((row) => [(row[0]! + row[1]!) * (1 - kept), (row[0]! + row[1]!) * kept]);
    lastId = id[s]!;
    const next = (m: number, k: boolean) =>
      habits.next({
        day,
        slot: s % slots,
        now,
        dwell,
        mood: m,
        means: kind[s]! >= 0 && k ? appointments[kind[s]!]!.means : -1,
        drifted: day >= driftDay,
      });
    const possible = belief.map((row, m) => row.map((p, k) => (p > 0 ? next(m, k === 1) : new Float64Array(K))));
    const b = random.choose(next(mood, id[s]! >= 0 ? isKept[id[s]!]! : true));
    let likelihood = new Float64Array(K).fill(1);
    if (hasDevices) {
      device[s] = random.choose(habits.signal[now]![b]!);
      likelihood = Float64Array.from({ length: K }, (_, c) => habits.signal[now]![c]![device[s]!]!);
    }
    const posterior = Float64Array.from(
      { length: K },
      (_, c) => likelihood[c]! * belief.reduce((sum, row, m) => sum + row.reduce((t, p, k) => t + p * possible[m]![k]![c]!, 0), 0),
    );
    const total = posterior.reduce((x, y) => x + y, 0);
    oracle.push(posterior.map((p) => p / total));
    belief = belief.map((row, m) => row.map((p, k) => p * possible[m]![k]![b]!));
    const mass = belief.flat().reduce((x, y) => x + y, 0);
    belief = belief.map((row) => row.map((p) => p / mass));
    activity[s] = b;
    dwell = b === now ? dwell + 1 : 1;
    now = b;
  }

  const codes = Array.from({ length: n }, (_, s) => calendarCode(kind, id, s));
  const minutes = (value: (s: number) => number) => Float64Array.from({ length: n * 15 }, (_, m) => value(Math.floor(m / 15)));
  const log: HomeLog = {
    name: `synthetic ${level} ${seed}`,
    classes,
    target: "dominant",
    start: Date.parse("2024-01-01T00:00Z") / 60_000,
    days,
    minutes: Int8Array.from(minutes((s) => activity[s]!)),
    extra: {
      ...(hasCalendar ? { cal: minutes((s) => codes[s]!) } : {}),
      // The minute before a slot already carries the signal shown just before that slot.
      ...(hasDevices ? { dev: Float64Array.from({ length: n * 15 }, (_, m) => device[Math.floor((m + 1) / 15) % n]!) } : {}),
    },
  };
  const meanings = new Map(
    appointments.flatMap(({ means }, e) => [0, 1, 3].map((phase): [string, number] => [`${runningCode(e, phase)}`, means])),
  );
  return { log, oracle, meanings, begins: codes.map((code) => code >= 1 && code <= 9 && (code - 1) % 3 === 0), driftDay };
}

interface Situation {
  day: number;
  slot: number;
  now: number;
  dwell: number;
  mood: number;
  /** Class of a kept appointment that runs; -1 for none. */
  means: number;
  drifted: boolean;
}

function household(random: Random, hasMood: boolean, drifts: boolean) {
  const hour = (slot: number) => slot / 4;
  const bump = (at: number, centre: number, width: number) => {
    const apart = Math.abs(at - centre);
    return Math.exp(-0.5 * (Math.min(apart, 24 - apart) / width) ** 2);
  };
  const wake = random.between(6.2, 7.8);
  const bed = random.between(22.3, 24.3);
  /** Attractiveness [weekend][class][slot]. */
  const profile = (shift: number, jitter: readonly (readonly number[])[], scale: number) =>
    [0, 1].map((w) => {
      const up = wake + 1.4 * w;
      const down = (bed + 0.8 * w) % 24;
      return classes.map((_, c) =>
        Float64Array.from({ length: slots }, (_, s) => {
          const t = hour(s);
          const night = down > 12 ? t >= down || t < up : t >= down && t < up;
          const base = [
            0.3 + 0.6 * bump(t, 18, 4),
            night ? 4 : -4,
            -1.2 + (w === 0 ? 2.2 * bump(t, up + 2 + shift, 1) + 1.2 * bump(t, 17 + shift, 1.2) : 1.8 * bump(t, 11.5, 2.2)),
            -2 + (w === 0 ? 3 * bump(t, 9.5 + shift, 1.5) + 2.4 * bump(t, 14 + shift, 1.6) : 0.3),
            -1.2 + 2.4 * bump(t, 20 + shift, 1.6) + 0.9 * bump(t, 12.5, 0.8) + 0.8 * w,
            -2.2 + 2.3 * bump(t, 21.5 + shift, 1.4) + 1.3 * w * bump(t, 15, 3),
            -2.6 + 2 * bump(t, 16 + shift, 1.7) + 0.6 * w,
          ][c]!;
          return base + scale * jitter[w]![c]!;
        }),
      );
    });
  const jitter = [0, 1].map(() => classes.map((_, c) => (c < 2 ? 0 : random.normal(0.5))));
  const before = profile(0, jitter, 1);
  const after = drifts ? profile(1.75, jitter, 0.3) : before;
  const affinity = classes.map(() => classes.map((_, c) => random.normal(0.7) * (c === asleep ? 0.3 : 1)));
  const typical = [3, 30, 14, 9, 7, 8, 6].map((length) => length * random.between(0.8, 1.25));
  const hazard = typical.map((length, c) =>
    Float64Array.from({ length: 199 }, (_, i) =>
      c === 0 ? 1 / length : Math.min(0.6, Math.max(0.01, (((i + 1) / length) ** 1.2 / length) * 1.6)),
    ),
  );
  const moodShift = Array.from({ length: moods }, () => new Float64Array(K));
  if (hasMood) {
    moodShift[1]!.set([3, -0.7].reverse(), media);
    moodShift[2]!.set([-1.5, 2], work);
    moodShift[2]![away] = -2.5;
  }
  const signal = classes.map((_, a) =>
    classes.map((_, b) => {
      const p = new Float64Array(deviceKinds).fill(0.03);
      const [one, other] = [deviceOf[a] ?? 0, deviceOf[b] ?? 0];
      if (a === b) p[one]! += 0.9;
      else {
        p[one]! += 0.35;
        p[other]! += 0.5;
      }
      const sum = p.reduce((x, y) => x + y, 0);
      return p.map((v) => v / sum);
    }),
  );

  /** Distribution of the next slot's class. */
  const next = ({ day, slot, now, dwell, mood, means, drifted }: Situation): Float64Array => {
    const weekend = day % 7 >= 5 ? 1 : 0;
    const drive = (drifted ? after : before)[weekend]!;
    const pull = Float64Array.from({ length: K }, (_, c) => drive[c]![slot]! + affinity[now]![c]! + moodShift[mood]![c]!);
    let leave = hazard[now]![Math.min(dwell, 199) - 1]!;
    if (now === asleep) leave = pull[asleep]! > 0 ? 0.02 : 0.45;
    else if (drive[asleep]![slot]! > 0) leave = Math.max(leave, 0.35);
    if (means >= 0) {
      leave = now === means ? 0.01 : 0.85;
      if (now !== means) pull[means]! += 5;
    }
    const largest = Math.max(...pull.filter((_, c) => c !== now));
    const odds = pull.map((v, c) => (c === now ? 0 : Math.exp(v - largest)));
    const sum = odds.reduce((x, y) => x + y, 0);
    return odds.map((v, c) => (c === now ? 1 - leave : (leave * v) / sum));
  };
  return { next, signal, moodPrior: hasMood ? [0.55, 0.25, 0.2] : [1, 0, 0] };
}

function bookings(random: Random, days: number) {
  const n = days * slots;
  const kind = new Int8Array(n + 8).fill(-1);
  const id = new Int16Array(n + 8).fill(-1);
  let count = 0;
  for (let day = 0; day < days; day++) {
    appointments.forEach(({ daily, from, to, length }, e) => {
      if (random.next() >= daily) return;
      const start = day * slots + Math.floor(random.between(from, to) * 4);
      const end = Math.min(n, start + random.integer(length[0], length[1]));
      if (kind.subarray(start, end).some((k) => k >= 0)) return;
      kind.fill(e, start, end);
      id.fill(count++, start, end);
    });
  }
  return { kind, id, count };
}

function calendarCode(kind: Int8Array, id: Int16Array, s: number): number {
  if (kind[s]! >= 0) {
    let since = 0;
    while (s - since - 1 >= 0 && id[s - since - 1] === id[s]) since++;
    return runningCode(kind[s]!, since);
  }
  const coming = [kind[s + 1]!, kind[s + 2]!].find((k) => k >= 0);
  if (coming !== undefined) return comingCode(coming);
  return s > 0 && kind[s - 1]! >= 0 ? overCode : 0;
}
