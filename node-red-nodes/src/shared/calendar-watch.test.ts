import type { UpcomingEvent } from "@network-personas/engine/model";
import { TestClock } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type MemoryStore, parseMemory } from "./calendar-memory.ts";
import type { TriggerSettings } from "./calendar-triggers.ts";
import { CalendarWatch } from "./calendar-watch.ts";
import { isoWithOffset } from "./calendar-zone.ts";
import { upcoming } from "./fixtures/upcoming.ts";

const [minute, hour] = [60_000, 3_600_000];
const zone = "Europe/Berlin";

/** A machine with a clock, a disk and calendars, on which a node can be started again and again. */
function machine(start: string, events: UpcomingEvent[] = []) {
  // Timers run on time that passes; the clock on the wall may be elsewhere.
  const timers = new TestClock(start);
  let jumped = 0;
  let disk = "";
  const made = {
    events,
    fired: [] as string[],
    late: [] as number[],
    missed: [] as string[],
    next: undefined as string | undefined,
    problems: [] as string[],
    reads: 0,
    saves: 0,
    online: true,
    diskFull: false,
    slow: 0,
    slowDisk: 0,
    remembered: [] as boolean[],
  };
  const local = (at: number) => isoWithOffset(zone, at).slice(0, 16);
  const clock = {
    now: () => timers.now() + jumped,
    sleep: (ms: number, signal?: AbortSignal) => timers.sleep(ms, signal),
  };
  const memory: MemoryStore = {
    load: async () => parseMemory(disk),
    save: async (kept) => {
      if (made.diskFull) throw new Error("no space left");
      if (made.slowDisk > 0) await timers.sleep(made.slowDisk);
      made.saves++;
      disk = JSON.stringify({ version: 1, ...kept });
    },
    remove: async () => {
      disk = "";
    },
  };
  let watch: CalendarWatch | undefined;
  return Object.assign(made, {
    boot(triggers: Partial<TriggerSettings> = {}, limit = 15) {
      watch = new CalendarWatch({
        triggers: { start: [0], end: [], allDayAt: 0, ...triggers },
        limit: limit * minute,
        settings: JSON.stringify([triggers, limit]),
        clock,
        memory,
        async list(from, to) {
          made.reads++;
          if (made.slow > 0) await timers.sleep(made.slow);
          if (!made.online) throw new Error("the engine is away");
          return { events: made.events.filter((e) => Date.parse(e.start) < to && Date.parse(e.end) > from), timeZone: zone };
        },
        fire: ({ event, kind, offset, due }, now) => {
          made.fired.push(`${local(now)} ${event.id} ${kind}${offset || ""}`);
          made.late.push(now - due);
          made.remembered.push(disk.includes(`"id":"${event.id}"`));
        },
        next: (trigger) => {
          made.next = trigger && `${local(trigger.due)} ${trigger.event.id}`;
        },
        missed: (triggers) => made.missed.push(...triggers.map((t) => t.event.id)),
        problem: (error) => made.problems.push(error.message),
        unsaved: (error) => made.problems.push(error.message),
      });
      return timers.advance(0);
    },
    async off() {
      const ended = watch?.close();
      await timers.advance(2 * made.slowDisk);
      await ended;
      watch = undefined;
    },
    changed: () => watch?.changed(),
    pass: (ms: number) => timers.advance(ms),
    /** Time passes and nothing runs. */
    jump(ms: number) {
      jumped += ms;
    },
  });
}

let m: ReturnType<typeof machine>;
afterEach(() => m.off());
const event = (id: string, start: string, end: string, more: Partial<UpcomingEvent> = {}) =>
  upcoming(id, `2026-11-${start}Z`, `2026-11-${end}Z`, more);

describe("a node that watches calendars", () => {
  it("fires to the second, one message per event, and tells what is next", async () => {
    m = machine("2026-11-23T08:00:00Z", [
      event("a", "23T09:00", "23T10:00"),
      event("b", "23T09:00", "23T09:30"),
      event("day", "23T23:00", "24T23:00", { allDay: true }),
    ]);
    await m.boot({ start: [-10, 0], end: [0] });
    expect(m.next).toBe("2026-11-23T09:50 a");
    await m.pass(3 * hour);
    expect(m.fired).toEqual([
      "2026-11-23T09:50 a start-10",
      "2026-11-23T09:50 b start-10",
      "2026-11-23T10:00 a start",
      "2026-11-23T10:00 b start",
      "2026-11-23T10:30 b end",
      "2026-11-23T11:00 a end",
    ]);
    expect(Math.max(...m.late)).toBe(0);
    expect(m.next).toBe("2026-11-23T23:50 day");
    await m.pass(15 * hour);
    expect(m.fired.slice(-2)).toEqual(["2026-11-23T23:50 day start-10", "2026-11-24T00:00 day start"]);
  });

  it("catches up after a restart within the limit, repeats nothing, and names what is too late", async () => {
    m = machine("2026-11-23T08:58:00Z", [
      event("before", "23T09:00", "23T10:00"),
      event("down", "23T09:05", "23T10:00"),
      event("long ago", "23T09:02", "23T09:03"),
    ]);
    await m.boot({}, 6);
    await m.pass(3 * minute);
    await m.off();
    m.jump(8 * minute);
    await m.boot({}, 6);
    expect(m.fired).toEqual(["2026-11-23T10:00 before start", "2026-11-23T10:09 down start"]);
    expect(m.missed).toEqual(["long ago"]);
    for (let i = 0; i < 3; i++) {
      await m.off();
      await m.boot({}, 6);
      await m.pass(minute);
    }
    expect(m.fired).toHaveLength(2);
  });

  it("remembers before it fires", async () => {
    m = machine("2026-11-23T08:59:00Z", [event("a", "23T09:00", "23T10:00")]);
    await m.boot();
    const saves = m.saves;
    await m.pass(minute);
    expect(m.remembered).toEqual([true]);
    expect(m.saves).toBe(saves + 1);
    // An hour in which nothing fires does not wear out an SD card.
    await m.pass(hour);
    expect(m.saves).toBe(saves + 1);
  });

  it("leaves to the next node what it could no longer fire when it was stopped", async () => {
    m = machine("2026-11-23T08:59:00Z", [event("a", "23T09:00", "23T10:00")]);
    await m.boot();
    m.slowDisk = 1_000;
    await m.pass(minute);
    await m.off();
    expect(m.fired).toEqual([]);
    m.slowDisk = 0;
    await m.boot();
    await m.pass(minute);
    expect(m.fired).toHaveLength(1);
  });

  it("wakes up from the sleep of the machine, asks what changed meanwhile, and fires what is due", async () => {
    m = machine("2026-11-23T01:00:00Z", [
      event("early", "23T06:00", "23T06:30"),
      event("late", "23T06:55", "23T07:30"),
      event("deleted", "23T06:56", "23T07:30"),
    ]);
    await m.boot();
    m.jump(6 * hour);
    m.events = m.events.filter((e) => e.id !== "deleted");
    await m.pass(20_000);
    expect(m.fired).toEqual(["2026-11-23T08:00 late start"]);
    expect(m.missed).toEqual(["early"]);
  });

  it("fires once more at the new time of what is moved, and nothing twice when a clock is set back", async () => {
    m = machine("2026-11-23T08:59:00Z", [event("a", "23T09:00", "23T10:00"), event("b", "23T09:10", "23T10:00")]);
    await m.boot();
    await m.pass(2 * minute);
    m.events = [event("a", "23T09:05", "23T10:05", { summary: "renamed" }), event("b", "23T09:10", "23T10:00")];
    m.changed();
    await m.pass(5 * minute);
    expect(m.fired).toEqual(["2026-11-23T10:00 a start", "2026-11-23T10:05 a start"]);
    m.jump(-30 * minute);
    await m.pass(hour);
    expect(m.fired).toHaveLength(3);
    expect(m.fired[2]).toMatch(/^2026-11-23T10:10 b/);
  });

  it.each([
    ["spring", "2026-03-28T22:00:00Z", "03-29T07:00", "2026-03-29T09:00 b start"],
    ["autumn", "2026-10-24T21:00:00Z", "10-25T08:00", "2026-10-25T09:00 b start"],
  ])("fires everything once on the day the clocks change in %s", async (_, start, nine, expected) => {
    const hourly = Array.from({ length: 6 }, (_, i) => {
      const at = Date.parse(start) + hour + i * 30 * minute;
      return upcoming(`h${i}`, new Date(at).toISOString(), new Date(at + minute).toISOString());
    });
    const midnight = Date.parse(start) + hour;
    const day = upcoming("day", new Date(midnight).toISOString(), new Date(midnight + 24 * hour).toISOString(), { allDay: true });
    m = machine(start, [...hourly, day, upcoming("b", `2026-${nine}Z`, `2026-${nine}Z`)]);
    await m.boot({ start: [0, 420] });
    await m.pass(12 * hour);
    const starts = m.fired.filter((line) => line.endsWith("start"));
    expect(starts).toHaveLength(8);
    expect(starts.at(-1)).toBe(expected);
    expect(m.fired.filter((line) => line.includes("day start420"))).toEqual([expect.stringMatching(/T07:00 day start420$/)]);
    expect(new Set(m.fired).size).toBe(m.fired.length);
  });

  it("goes on with what it knows while the engine is away or slow, and looks again when it is back", async () => {
    m = machine("2026-11-23T08:00:00Z", [event("a", "23T09:00", "23T10:00")]);
    await m.boot();
    m.online = false;
    await m.pass(hour);
    expect(m.fired).toEqual(["2026-11-23T10:00 a start"]);
    expect(m.problems).toContain("the engine is away");
    m.events = [event("new", "23T09:02", "23T10:00"), event("slow", "23T09:20", "23T10:00")];
    await m.pass(5 * minute);
    m.online = true;
    await m.pass(minute);
    expect(m.fired).toHaveLength(2);
    m.slow = 10 * minute;
    m.changed();
    await m.pass(20 * minute);
    expect(m.fired[2]).toBe("2026-11-23T10:20 slow start");
  });

  it("reads again at once when told so, also while it is reading, without spinning", async () => {
    m = machine("2026-11-23T08:00:00Z");
    await m.boot();
    m.slow = 2_000;
    m.changed();
    await m.pass(1_000);
    m.events = [event("a", "23T08:00:30", "23T10:00")];
    const reads = m.reads;
    for (let i = 0; i < 50; i++) m.changed();
    await m.pass(29_000);
    expect(m.reads - reads).toBeLessThanOrEqual(2);
    expect(m.fired).toEqual(["2026-11-23T09:00 a start"]);
  });

  it("fires also when nothing can be written, and says so", async () => {
    m = machine("2026-11-23T08:59:00Z", [event("a", "23T09:00", "23T10:00")]);
    m.diskFull = true;
    await m.boot();
    await m.pass(5 * minute);
    expect(m.fired).toHaveLength(1);
    expect(m.problems).toEqual(["no space left"]);
  });
});
