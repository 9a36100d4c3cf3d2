import { everyday, type Weekday } from "@network-personas/personas";
import type { Random } from "./random.ts";
import type { RegularAppointment, Routine } from "./routine.ts";

/** Minutes of a day by the clock on the wall. */
export const dayLength = 24 * 60;

/** A stretch of one person's day; `from` and `to` in minutes after local midnight. */
export interface Stretch {
  from: number;
  to: number;
  persona: string;
  home: boolean;
  awake: boolean;
}

export interface PersonDay {
  /** In order, without gaps, from 0 to 1440. */
  stretches: Stretch[];
  /** What stood in the calendar, and whether it took place. */
  appointments: (RegularAppointment & { tookPlace: boolean })[];
}

type Minute = Pick<Stretch, "persona" | "home" | "awake">;
const asleep: Minute = { persona: everyday, home: true, awake: false };
const idle: Minute = { persona: everyday, home: true, awake: true };
const away: Minute = { persona: everyday, home: false, awake: true };

/** Draws one day: the same routine, weekday and random stream give the same day. Later layers cover earlier ones. */
export function drawDay(routine: Routine, weekday: Weekday, random: Random): PersonDay {
  const { work, spread } = routine;
  const minutes: Minute[] = new Array(dayLength).fill(asleep);
  const fill = (from: number, to: number, minute: Minute) => minutes.fill(minute, clamp(from), clamp(to));

  const working = work?.days.includes(weekday) && !random.chance(work.dayOff);
  const kind = working ? "workday" : "free";
  const wake = random.around(routine.wake[kind], spread);
  const sleep = Math.min(dayLength, Math.max(wake + 600, random.around(routine.sleep[kind], spread)));
  fill(wake, sleep, idle);

  let free = wake + 60;
  let workHome = false;
  if (work && working) {
    workHome = random.chance(work.atHome);
    const [from, to] = [Math.max(wake + 20, random.around(work.from, spread)), random.around(work.to, spread)];
    if (workHome) {
      fill(from, to, { ...idle, persona: "remote-worker" });
      const lunch = random.around(12 * 60 + 30, 15);
      fill(lunch, lunch + Math.max(20, random.around(40, 10)), idle);
      for (const coffee of [random.around(10 * 60 + 45, 20), random.around(15 * 60, 20)])
        fill(coffee, coffee + Math.max(5, random.around(12, 4)), idle);
    } else {
      const commute = Math.max(10, random.around(30, 8));
      fill(from - commute, to + commute, away);
    }
    free = to + Math.max(30, random.around(75, 20));
  }

  for (let at = free; at < sleep; ) {
    const length = Math.max(15, random.around(routine.block, routine.block * 0.4));
    const persona = Object.keys(routine.leisure)[random.pick(Object.values(routine.leisure))] ?? everyday;
    fill(at, Math.min(at + length, sleep), { ...idle, persona });
    at += length + Math.max(5, random.around(20, 8));
  }
  if (!working && random.chance(routine.outing)) {
    const from = random.around(13 * 60 + 30, 45);
    fill(from, from + Math.max(60, random.around(190, 50)), away);
  }

  const appointments = routine.appointments
    .filter((a) => a.days.includes(weekday))
    .map((a) => ({ ...a, tookPlace: random.chance(a.kept) && (a.persona !== "remote-worker" || workHome) }));
  for (const { at, minutes: length, persona } of appointments.filter((a) => a.tookPlace)) {
    const from = at + random.around(-1, 2);
    fill(from, Math.max(from + 5, at + length + random.around(2, 6)), { ...idle, persona });
  }
  return { stretches: runs(minutes), appointments };
}

const clamp = (minute: number) => Math.max(0, Math.min(dayLength, minute));

function runs(minutes: readonly Minute[]): Stretch[] {
  const stretches: Stretch[] = [];
  minutes.forEach((minute, at) => {
    const last = stretches.at(-1);
    if (last && last.persona === minute.persona && last.home === minute.home && last.awake === minute.awake) last.to = at + 1;
    else stretches.push({ ...minute, from: at, to: at + 1 });
  });
  return stretches;
}
