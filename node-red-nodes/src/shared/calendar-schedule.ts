import type { Trigger } from "./calendar-triggers.ts";

/** That a trigger fired. Times are milliseconds since 1970. */
export interface Fired {
  calendar: string;
  uid: string;
  /** Id of the occurrence. */
  id: string;
  /** Kind and offset: "start-10". */
  trigger: string;
  due: number;
  /** When it really fired. */
  at: number;
}

/** What a node must not forget. Plain JSON. */
export interface Memory {
  /** The settings it was made with. */
  settings: string;
  /** What was due before never fires: the node was not there, or was set up differently. */
  since: number;
  /** When was last looked. */
  seen: number;
  fired: readonly Fired[];
}

/** What a node begins with. With other settings than before it begins anew, but fires nothing again. */
export function resume(known: Memory | undefined, settings: string, now: number): Memory {
  return known?.settings === settings ? known : { settings, since: now, seen: now, fired: known?.fired ?? [] };
}

export interface Step {
  memory: Memory;
  fire: readonly Trigger[];
  /** What became due since the last look and is too late. */
  missed: readonly Trigger[];
  /** The first trigger that is still to come. */
  next: Trigger | undefined;
}

/**
 * One look at the clock. `triggers` are all of a list that reaches back as far as `limit`; a trigger that is late by no more than `limit`
 * ms fires. Whatever happens to the list, the process or the clock, the same moment of the same event fires once.
 */
export function step(memory: Memory, triggers: readonly Trigger[], now: number, limit: number): Step {
  // A clock that was ahead when the node began must not keep it from firing.
  const since = Math.min(memory.since, now);
  const open = triggers.filter((t) => t.due >= since);
  const isDone = doneIn(memory.fired, triggers, now);
  const due = open.filter((t) => t.due <= now && !isDone(t));
  // The same event, told twice in one list, is one.
  const fire = [...new Map(due.filter((t) => now - t.due <= limit).map((t) => [`${keyOf(t)}\n${t.event.id}\n${t.due}`, t])).values()];
  const missed = due.filter((t) => now - t.due > limit && t.due > memory.seen - limit);
  const fired = [...memory.fired, ...fire.map((t) => firedOf(t, now))];
  return {
    memory: { settings: memory.settings, since, seen: now, fired: fire.length > 0 ? kept(fired, now, limit) : memory.fired },
    fire,
    missed,
    next: open.find((t) => t.due > now),
  };
}

const triggerName = ({ kind, offset }: Trigger) => `${kind}${offset < 0 ? "" : "+"}${offset}`;
const keyOf = (t: Trigger) => [t.event.calendar, t.event.uid, triggerName(t)].join("\n");

function firedOf(t: Trigger, at: number): Fired {
  const { calendar, uid, id } = t.event;
  return { calendar, uid, id, trigger: triggerName(t), due: t.due, at };
}

/**
 * An occurrence is done when it fired at this due time or after it: so a moved event fires at its new time, unless that has passed
 * before it fired at the old one. What fired and is no longer listed under its id counts for its whole UID: events change their ids when
 * somebody moves a whole series, or makes one of a single event.
 */
function doneIn(fired: readonly Fired[], triggers: readonly Trigger[], now: number): (t: Trigger) => boolean {
  const listed = new Set(triggers.map((t) => `${t.event.calendar}\n${t.event.id}`));
  const byKey = new Map<string, Fired[]>();
  for (const f of fired) {
    const key = [f.calendar, f.uid, f.trigger].join("\n");
    const known = byKey.get(key);
    if (known) known.push(f);
    else byKey.set(key, [f]);
  }
  return (t) =>
    (byKey.get(keyOf(t)) ?? []).some((f) => {
      const isSame = f.id === t.event.id || !listed.has(`${f.calendar}\n${f.id}`);
      // A time that is still to come is of a clock that was wrong.
      return isSame && (f.due === t.due || (t.due <= f.at && f.at <= now));
    });
}

const roomFor = 1_000;
const day = 86_400_000;

/** Forgets the oldest when there are many, but nothing that could come up again, even if the clock is set back by days. */
function kept(fired: readonly Fired[], now: number, limit: number): readonly Fired[] {
  if (fired.length <= roomFor) return fired;
  const sorted = [...fired].sort((a, b) => b.due - a.due);
  return sorted.filter((f, i) => i < roomFor || f.due >= now - limit - 2 * day).reverse();
}
