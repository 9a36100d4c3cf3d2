import { loadPersonas } from "@network-personas/personas/load";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApplyOutcome } from "../model/index.ts";
import { SqliteStore } from "../store/index.ts";
import { TestClock } from "../testing/test-clock.ts";
import { boundsOfDay } from "./day-book.ts";
import { Engine } from "./engine.ts";
import { parseHome } from "./home-file.ts";
import { keepable, keepableOutcome, unkeptCalendars } from "./privacy.ts";
import { Secrets } from "./secrets.ts";
import { silentLog } from "./system.ts";

const text = `version: 1
home: { id: h, name: H, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people:
  - { id: ann, devices: [ann-laptop], recorded: false }
  - { id: bob, devices: [bob-laptop] }
devices:
  - { id: ann-laptop, kind: laptop, macs: ["02:00:00:00:00:01"] }
  - { id: bob-laptop, kind: laptop, macs: ["02:00:00:00:00:02"] }
`;
const start = Date.parse("2026-11-24T09:00:00Z");
/** Days from 1970-01-01 to that one. */
const dayNumber = 20_781;
const iso = (at: number) => new Date(at).toISOString();
const database = await loadPersonas([]);

let store: SqliteStore;
let clock: TestClock;
let engine: Engine;
beforeEach(async () => {
  clock = new TestClock(start);
  store = new SqliteStore(":memory:", "h");
  engine = await Engine.open({
    file: parseHome(text, "home.yaml"),
    folder: "/nowhere",
    dataDir: "/nowhere",
    database,
    store,
    secrets: new Secrets("/nowhere"),
    resolver: async () => expect.fail("this home has no router"),
    clock,
    log: silentLog,
    saveHome: async (edited) => parseHome(edited, "home.yaml"),
  });
  for (const [person, device] of [
    ["ann", "ann-laptop"],
    ["bob", "bob-laptop"],
  ] as const)
    await engine.submit([
      { kind: "presence", subject: device, present: true, source: "test" },
      { kind: "activity", subject: person, persona: "remote-worker", weight: 1, source: "test" },
    ]);
  for (let quarter = 0; quarter < 3; quarter++) {
    await clock.advance(15 * 60_000);
    await engine.step();
  }
  await engine.settled();
});
afterEach(() => engine.close());

const subjects = async () => new Set((await store.history({ limit: 100 })).map((entry) => ("subject" in entry ? entry.subject : "")));
const seen = async () => new Set((await store.signalsAfter(new Date(start - 1).toISOString())).map((s) => s.subject));

describe("a person who wants nothing recorded", () => {
  it("gets everyday, and is nowhere in what is kept", async () => {
    const [ann, bob] = ["ann", "bob"].map((id) => engine.state().subjects.find((s) => s.subject === id)!);
    expect(ann!.distribution).toEqual({ everyday: 1 });
    expect(ann!.evidence[0]!.why).toBe("nothing is recorded of them, as they wish");
    expect(Object.keys(bob!.distribution)).toContain("remote-worker");
    expect(await subjects()).toEqual(new Set(["bob"]));
    expect(await seen()).toEqual(new Set(["bob", "bob-laptop"]));
    const memory = JSON.stringify({ ...(await store.dump()), document: [] });
    expect(memory).toContain("bob");
    expect(memory).not.toContain("ann");
  });
  it("is not learned about from then on, not even from what was kept before", async () => {
    const kept = async () => JSON.stringify([await store.states("learned/15"), await store.labels(iso(start - 1))]);
    await engine.submit([{ kind: "activity", subject: "bob", persona: "gamer", source: "test" }]);
    await clock.advance(60_000);
    await engine.step();
    await engine.settled();
    const before = await kept();
    expect(before).toContain("bob");
    await engine.putHome(text.replace("id: bob,", "id: bob, recorded: false,"));
    for (let quarter = 0; quarter < 4; quarter++) {
      await clock.advance(15 * 60_000);
      await engine.step();
    }
    await engine.settled();
    expect(await kept()).toBe(before);
  });
  it("has a calendar of which no copy is kept, unless somebody else goes by it, too", () => {
    const listed = (people: string) =>
      unkeptCalendars(
        parseHome(`${text.split("people:")[0]}people: ${people}\ncalendars: [{ id: a, ics: a.ics }, { id: b, ics: b.ics }]\n`, "home.yaml")
          .home,
      );
    expect(listed("[{ id: ann, recorded: false, calendars: [a] }, { id: bob, calendars: [b] }]")).toEqual(new Set(["a"]));
    expect(listed("[{ id: ann, recorded: false, calendars: [a] }, { id: bob, calendars: [a] }]")).toEqual(new Set());
  });
  it("may still be set by hand, which is not kept either", async () => {
    await engine.override({ subject: "ann", persona: "gamer", source: "phone" });
    await engine.settled();
    expect(engine.state().subjects.find((s) => s.subject === "ann")).toMatchObject({ active: "gamer", decidedBy: "override" });
    expect(await seen()).not.toContain("ann");
  });
});

describe("what came of a change", () => {
  const change = (summary: string) => ({ action: "set", target: summary, before: null, after: "1", summary }) as const;
  const outcome = (...summaries: string[]): ApplyOutcome => ({
    router: "main",
    at: new Date(start).toISOString(),
    result: "confirmed",
    changes: summaries.map(change),
    omissions: [],
    took: 1,
  });
  const { home } = parseHome(text, "home.yaml");

  it("is kept without what it tells of people who want nothing recorded", () => {
    const all = outcome("np-device-ann-laptop.class", "mark 02:00:00:00:00:01", "np_02_00_00_00_00_01", "np-device-bob-laptop.class");
    expect(keepableOutcome(all, home)!.changes.map((c) => c.summary)).toEqual(["np-device-bob-laptop.class"]);
    expect(keepableOutcome(outcome("ann-laptop: class interactive"), home)).toBeNull();
  });
  it("and who was seen is kept of the others only", () => {
    const seen = ["01", "02", "03"].map((end) => ({ mac: `02:00:00:00:00:${end}`, connected: true }));
    expect(keepable(seen, home)).toEqual(seen.slice(1));
  });
  it("is forgotten with the person it tells of", async () => {
    await store.addOutcome(outcome("np-device-bob-laptop.class", "line"));
    await store.addOutcome(outcome("bob-laptop: class interactive"));
    await engine.forget({ subject: "bob" });
    const left = (await store.history({ limit: 100 })).flatMap((e) => (e.kind === "applied" ? [e.outcome.changes] : []));
    expect(left).toEqual([[change("line")]]);
  });
});

describe("forgetting", () => {
  it("takes a person's history with what was learned, and leaves who is here", async () => {
    await engine.forget({ subject: "bob" });
    expect(await subjects()).toEqual(new Set());
    expect((await store.states("learned/15")).map((s) => s.subject)).not.toContain("bob");
    expect(engine.state().subjects.find((s) => s.subject === "bob")!.home).toBe(true);
    await engine.step();
    expect((await store.history({ limit: 100 })).filter((entry) => entry.kind === "label")).toEqual([]);
  });
  it("takes a stretch of time, and nothing without being told what", async () => {
    await engine.forget({ from: new Date(start + 20 * 60_000).toISOString() });
    const left = await store.history({ limit: 100 });
    expect(left.length).toBeGreaterThan(0);
    for (const entry of left) expect(Date.parse(entry.kind === "label" ? entry.from : entry.at)).toBeLessThan(start + 20 * 60_000);
    await expect(engine.forget({})).rejects.toThrow(/name whose history/);
    const at = new Date(start).toISOString();
    await expect(engine.forget({ from: at, to: at })).rejects.toThrow(/no stretch of time/);
    await expect(engine.forget({ day: "2026-11-24", from: at })).rejects.toThrow(/give either/);
    await expect(engine.forget({ subject: "zoe" })).rejects.toThrow(/zoe/);
  });
});

describe("forgetting a day", () => {
  it("is as long as the day was by the clock of the home", () => {
    const hours = (day: string, timeZone = "Europe/Berlin") => {
      const { from, to } = boundsOfDay(day, timeZone);
      return [from, (Date.parse(to) - Date.parse(from)) / 3_600_000];
    };
    expect(hours("2026-03-29")).toEqual(["2026-03-28T23:00:00.000Z", 23]);
    expect(hours("2026-10-25")).toEqual(["2026-10-24T22:00:00.000Z", 25]);
    // Its first hour does not exist.
    expect(hours("2026-04-24", "Africa/Cairo")).toEqual(["2026-04-23T22:00:00.000Z", 23]);
  });
  it("leaves nothing that tells of it: of what began before, went on after, or was learned from single moments", async () => {
    const midnight = Date.parse("2026-11-24T23:00:00Z");
    const playing = () =>
      engine.submit([{ kind: "activity", subject: "bob", persona: "gamer", source: "test", expiresAt: iso(clock.now() + 10 * 60_000) }]);
    const night = async (until: number) => {
      while (clock.now() < until) {
        await clock.advance(5 * 60_000);
        await engine.step();
        await playing();
      }
      await engine.settled();
    };
    await clock.advance(midnight - 2 * 3_600_000 - clock.now());
    await night(midnight + 2 * 3_600_000);
    const day = boundsOfDay("2026-11-24", "Europe/Berlin");
    const learned = async () => JSON.stringify((await store.states("learned/15")).filter((s) => s.subject === "bob"));
    expect(await learned()).toContain(`"day\\\\\\":${dayNumber}`);
    await engine.forget({ day: "2026-11-24" });
    await clock.advance(60_000);
    await playing();
    await engine.submit([{ kind: "presence", subject: "bob-laptop", present: true, source: "test" }]);
    await clock.advance(60_000);
    await engine.step();
    await engine.settled();
    const rows = Object.values(await store.dump()).flat();
    const instants = rows.flatMap((row) => JSON.stringify(row).match(/2026-11-2[345]T[0-9:.]+Z/g) ?? []);
    expect(instants.filter((at) => at >= day.from && at < day.to)).toEqual([]);
    expect(instants.length).toBeGreaterThan(10);
    expect(await learned()).not.toContain(`${dayNumber}`);
    // What goes on since the evening is told from midnight on.
    const [label] = (await store.labels(iso(midnight))).filter(({ subject }) => subject === "bob");
    expect(label!.from >= day.to).toBe(true);
  });
  it("goes by the clock of the home, and nobody is told of it any more", async () => {
    const sequence = engine.state().sequence - 1;
    expect(engine.since(sequence)).toHaveLength(1);
    await engine.forget({ day: "2026-11-23" });
    expect((await store.history({ limit: 100 })).length).toBeGreaterThan(0);
    await engine.forget({ day: "2026-11-24" });
    expect(await store.history({ limit: 100 })).toEqual([]);
    expect(engine.since(sequence)).toBeUndefined();
  });
});

describe("who lives here no more", () => {
  it("may be forgotten as long as something is kept of them", async () => {
    await engine.putHome(text.replace("  - { id: bob, devices: [bob-laptop] }\n", ""));
    await engine.forget({ subject: "bob" });
    expect(JSON.stringify(await store.dump())).not.toContain('"bob"');
    await expect(engine.forget({ subject: "bob" })).rejects.toThrow(/"bob" is no person/);
  });
});

describe("a pause", () => {
  it("holds for as long as was said, is no problem, and ends with apply", async () => {
    const until = new Date(clock.now() + 3_600_000).toISOString();
    expect(await engine.pause(3_600_000)).toMatchObject({ why: "paused", until });
    expect(engine.state()).toMatchObject({ hold: { why: "paused", until }, problems: [] });
    await engine.apply();
    expect(engine.state().hold).toBeNull();
    await engine.pause(3_600_000);
    await clock.advance(3_600_001);
    expect(engine.state().hold).toBeNull();
  });
  it("is told to whoever listens, when it begins and when its time is over", async () => {
    const told: unknown[] = [];
    engine.subscribe((event) => event.type === "hold" && told.push(event.data.hold?.why ?? null));
    await engine.pause(60_000);
    await clock.advance(60_001);
    await engine.step();
    await engine.step();
    expect(told).toEqual(["paused", null]);
  });
  it("goes on where there was nothing to undo", async () => {
    await engine.pause(3_600_000);
    expect(await engine.rollback()).toEqual([]);
    expect(engine.state().hold).toMatchObject({ why: "paused" });
  });
  it("does not bring back routers that were released", async () => {
    await engine.release();
    expect(await engine.pause(60_000)).toMatchObject({ why: "released", until: null });
    expect(engine.state().problems.join()).toContain("everything of ours was removed");
  });
});

describe("the export", () => {
  it("holds the home and its history", async () => {
    const { home, memory } = await engine.export();
    expect(home).toBe(text);
    expect(memory.prediction!.length).toBeGreaterThan(0);
  });
});
