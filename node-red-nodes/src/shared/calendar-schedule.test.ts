import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMemory } from "./calendar-memory.ts";
import { type Memory, resume, step } from "./calendar-schedule.ts";
import { type Trigger, triggersOf } from "./calendar-triggers.ts";
import { upcoming } from "./fixtures/upcoming.ts";

const minute = 60_000;
const start = Date.parse("2026-03-28T12:00:00Z");
const at = (minutes: number) => start + minutes * minute;
const iso = (minutes: number) => new Date(at(minutes)).toISOString();
const event = (id: string, from: number, length = 30, uid = id) => upcoming(id, iso(from), iso(from + length), { uid });
const onStart = { start: [0], end: [], allDayAt: 0 };
const triggers = (...events: ReturnType<typeof event>[]) => triggersOf(events, onStart, "Europe/Berlin");

/** Takes looks at given minutes, each with its list; tells what fired at which look. */
function looks(limit: number, ...list: [minutes: number, triggers: Trigger[]][]): string[] {
  let memory = resume(undefined, "", at(0));
  return list.flatMap(([minutes, known]) => {
    const done = step(memory, known, at(minutes), limit * minute);
    memory = done.memory;
    return done.fire.map((t) => `${minutes}: ${t.event.id}`);
  });
}

describe("one look after the other", () => {
  it("fires once at or after the due time, not before and not too late", () => {
    const list = triggers(event("a", 10), event("b", 10), event("c", 40), event("d", 70));
    expect(looks(15, [9, list], [10, list], [11, list], [60, list], [75, list])).toEqual(["10: a", "10: b", "75: d"]);
  });
  it("never fires what was due before the node was there, unless its clock was wrong then", () => {
    const list = triggers(event("a", -5), event("b", -60));
    expect(looks(120, [0, list])).toEqual([]);
    expect(looks(120, [-62, list], [-60, list], [-4, list])).toEqual(["-60: b", "-4: a"]);
  });
  it("fires a moved event at its new time, and not again when that has passed already", () => {
    expect(looks(15, [10, triggers(event("a", 10))], [15, triggers(event("a", 20))], [20, triggers(event("a", 20))])).toEqual([
      "10: a",
      "20: a",
    ]);
    expect(looks(15, [10, triggers(event("a", 10))], [11, triggers(event("a", 8))], [12, triggers(event("a", 10))])).toEqual(["10: a"]);
    expect(looks(15, [12, triggers(event("a", 10))], [13, triggers(event("a", 11))])).toEqual(["12: a"]);
    expect(looks(15, [5, triggers(event("a", 10))], [10, triggers(event("a", 30))], [30, triggers(event("a", 30))])).toEqual(["30: a"]);
  });
  it("does not fire a deleted event, nor again one that comes back", () => {
    expect(looks(15, [5, triggers(event("a", 10))], [10, triggers()])).toEqual([]);
    expect(looks(15, [10, triggers(event("a", 10))], [11, triggers()], [12, triggers(event("a", 10))])).toEqual(["10: a"]);
  });
  it("knows an event again that became a series, or whose whole series was moved", () => {
    const series = (minutes: number) =>
      triggers(event(`u_${minutes}`, minutes, 30, "u"), event(`u_${minutes + 1440}`, minutes + 1440, 30, "u"));
    expect(looks(15, [10, triggers(event("u", 10))], [11, series(10)], [1450, series(10)])).toEqual(["10: u", "1450: u_1450"]);
    expect(looks(15, [10, series(10)], [11, series(8)])).toEqual(["10: u_10"]);
    expect(looks(15, [10, series(10)], [11, series(14)], [14, series(14)])).toEqual(["10: u_10", "14: u_14"]);
  });
  it("fires several occurrences of one series that became due together", () => {
    const list = triggers(event("u_1", 10, 5, "u"), event("u_2", 20, 5, "u"));
    expect(looks(60, [30, list], [31, list])).toEqual(["30: u_1", "30: u_2"]);
  });
  it("tells once what was missed, and what comes next", () => {
    const list = triggers(event("a", 10), event("b", 100));
    let memory = resume(undefined, "", at(0));
    const told = [30, 31, 60].map((minutes) => {
      const done = step(memory, list, at(minutes), 15 * minute);
      memory = done.memory;
      return [done.missed.map((t) => t.event.id), done.next?.event.id];
    });
    expect(told).toEqual([
      [["a"], "b"],
      [[], "b"],
      [[], "b"],
    ]);
  });
  it("begins anew with other settings, but repeats nothing", () => {
    const list = triggers(event("a", 10), event("b", 12));
    const before = step(resume(undefined, "old", at(0)), list, at(11), 60 * minute).memory;
    expect(resume(before, "old", at(13))).toBe(before);
    const anew = resume(before, "new", at(13));
    expect(step(anew, list, at(13), 60 * minute).fire).toEqual([]);
    expect(step({ ...anew, since: at(0) }, list, at(13), 60 * minute).fire.map((t) => t.event.id)).toEqual(["b"]);
  });
  it("forgets what is long over when there is much of it, and nothing that could come up again", () => {
    let memory: Memory = resume(undefined, "", at(0));
    for (let i = 0; i < 1_500; i++) memory = step(memory, triggers(event(`e${i}`, i * 10)), at(i * 10), 15 * minute).memory;
    expect(memory.fired).toHaveLength(1_000);
    const many = triggers(...Array.from({ length: 1_200 }, (_, i) => event(`m${i}`, 15_010)));
    const done = step(memory, many, at(15_010), 15 * minute);
    expect(done.fire).toHaveLength(1_200);
    expect(step(done.memory, many, at(15_011), 15 * minute).fire).toEqual([]);
  });
});

/** A week with the change of clocks in it: events, looks at any time (also with the clock set back), restarts, edits. */
const settings = fc.record({
  start: fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 2 }),
  end: fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 2 }),
  allDayAt: fc.constantFrom(0, 450, 1439),
});
const someEvent = fc.record({
  uid: fc.constantFrom("a", "b", "c"),
  from: fc.integer({ min: 0, max: 2_500 }),
  length: fc.integer({ min: 0, max: 3_000 }),
  allDay: fc.boolean(),
});
const someLook = fc.record({
  forward: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 30 }) },
    { weight: 3, arbitrary: fc.integer({ min: 31, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: -300, max: -1 }) },
  ),
  restart: fc.boolean(),
  edit: fc.option(fc.record({ which: fc.nat(), by: fc.integer({ min: -120, max: 120 }), gone: fc.boolean() }), { freq: 5 }),
});
const week = fc.record({
  settings,
  events: fc.array(someEvent, { minLength: 3, maxLength: 8 }),
  looks: fc.array(someLook, { minLength: 40, maxLength: 80 }),
  limit: fc.integer({ min: 0, max: 240 }),
});

/** Midnight of the day of a minute in Berlin is 23:00 UTC of the day before until 29 March, then 22:00. */
const midnight = (minutes: number) => {
  const day = Math.floor((at(minutes) + 2 * 60 * minute) / 86_400_000);
  return day * 86_400_000 - (day <= Date.UTC(2026, 2, 29) / 86_400_000 ? 60 : 120) * minute;
};

function run({ settings, events, looks, limit }: typeof week extends fc.Arbitrary<infer T> ? T : never, edits: boolean) {
  let memory = resume(undefined, "", at(0));
  let now = at(0);
  let listed = events.map((e, i) => {
    const [from, to] = e.allDay ? [midnight(e.from), midnight(e.from + 1440)] : [at(e.from), at(e.from + e.length)];
    return upcoming(`${e.uid}_${i}`, new Date(from).toISOString(), new Date(to).toISOString(), { uid: e.uid, allDay: e.allDay });
  });
  const seen: { now: number; triggers: Trigger[] }[] = [];
  const fired: { now: number; trigger: Trigger }[] = [];
  for (const look of looks) {
    now += look.forward * minute;
    if (look.restart) memory = resume(parseMemory(JSON.stringify({ version: 1, ...memory })), "", now);
    if (edits && look.edit && listed.length > 0) {
      const { which, by, gone } = look.edit;
      const moved = (text: string) => new Date(Date.parse(text) + by * minute).toISOString();
      listed = listed.flatMap((e, i) =>
        i !== which % listed.length ? [e] : gone ? [] : [{ ...e, start: moved(e.start), end: moved(e.end) }],
      );
    }
    // The list shows a window only, as the engine's does.
    const reaching = listed.filter((e) => Date.parse(e.end) > now - (limit + 600) * minute && Date.parse(e.start) < now + 2_000 * minute);
    const all = triggersOf(reaching, settings, "Europe/Berlin");
    const done = step(memory, all, now, limit * minute);
    memory = done.memory;
    seen.push({ now, triggers: all });
    for (const trigger of done.fire) fired.push({ now, trigger });
  }
  return { seen, fired };
}
const nameOf = (t: Trigger) => `${t.event.id} ${t.kind}${t.offset} ${t.due}`;

describe("any week", () => {
  it("fires every trigger exactly once, at or after its time, if there was a look in time; over restarts and clocks that are set", () => {
    let total = 0;
    fc.assert(
      fc.property(week, (given) => {
        const { seen, fired } = run(given, false);
        total += fired.length;
        const names = fired.map(({ trigger }) => nameOf(trigger));
        expect(new Set(names).size).toBe(names.length);
        for (const { now, trigger } of fired) {
          expect(now).toBeGreaterThanOrEqual(trigger.due);
          expect(now - trigger.due).toBeLessThanOrEqual(given.limit * minute);
        }
        // The node was there from its first look on, or from an earlier time when its clock was set back.
        let since = at(0);
        const expected = new Set<string>();
        for (const { now, triggers } of seen) {
          since = Math.min(since, now);
          for (const t of triggers) if (t.due >= since && t.due <= now && now - t.due <= given.limit * minute) expected.add(nameOf(t));
        }
        expect(new Set(names)).toEqual(expected);
      }),
      { seed: 6, numRuns: 80 },
    );
    expect(total).toBeGreaterThan(300);
  });
  it("never fires the same moment of an event twice while people edit, and never one that has passed when it last fired", () => {
    fc.assert(
      fc.property(week, (given) => {
        const { fired } = run(given, true);
        const names = fired.map(({ trigger }) => nameOf(trigger));
        expect(new Set(names).size).toBe(names.length);
        const last = new Map<string, number>();
        for (const { now, trigger } of fired) {
          const key = `${trigger.event.id} ${trigger.kind}${trigger.offset}`;
          const before = last.get(key);
          if (before !== undefined && before <= now) expect(trigger.due).toBeGreaterThan(before);
          last.set(key, now);
        }
      }),
      { seed: 6, numRuns: 80 },
    );
  });
});
