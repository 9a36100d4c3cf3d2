import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { type Belief, Home, type Label, subjectsOf } from "../model/index.ts";
import { extractFeatures, localTime, recentActivity } from "./index.ts";

const { personas } = await loadPersonas();
const home = Home.parse({
  version: 1,
  home: { timeZone: "Europe/Berlin" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
  people: [
    { id: "alice", devices: ["alice-laptop"] },
    { id: "bob", devices: ["bob-laptop"] },
  ],
  devices: [
    { id: "alice-laptop", kind: "laptop" },
    { id: "bob-laptop", kind: "laptop" },
    { id: "tv", kind: "tv" },
    { id: "gateway", kind: "other", infrastructure: true },
  ],
});
const [alice] = subjectsOf(home);
const at = "2026-11-22T18:30:00.000Z";
const label = (from: string, to: string, persona = "gamer"): Label => ({
  subject: "alice",
  persona,
  from: `2026-11-22T${from}:00.000Z`,
  to: `2026-11-22T${to}:00.000Z`,
  weight: 1,
  source: "test",
});

describe("local time", () => {
  it("follows the zone through both changes of the clock", () => {
    expect(localTime("2026-03-29T00:59:00Z", "Europe/Berlin").minuteOfDay).toBe(119);
    expect(localTime("2026-03-29T01:00:00Z", "Europe/Berlin").minuteOfDay).toBe(180);
    expect(localTime("2026-10-25T00:59:00Z", "Europe/Berlin").minuteOfDay).toBe(179);
    expect(localTime("2026-10-25T01:00:00Z", "Europe/Berlin").minuteOfDay).toBe(120);
  });
  it("knows the local day, zones of quarter hours, and instants before 1970", () => {
    expect(localTime("2026-11-22T23:30:00Z", "Europe/Berlin")).toEqual({ minuteOfDay: 30, dayOfWeek: 1, day: 20780 });
    expect(localTime("2026-11-22T00:00:00Z", "Asia/Kathmandu").minuteOfDay).toBe(345);
    expect(localTime("1969-12-31T12:00:00Z", "UTC")).toEqual({ minuteOfDay: 720, dayOfWeek: 3, day: -1 });
  });
});

describe("recent activity", () => {
  it("shows a label only when its window is over", () => {
    expect(recentActivity([label("18:15", "18:45")], undefined, Date.parse(at))).toEqual([]);
    expect(recentActivity([label("18:15", "18:30")], undefined, Date.parse(at))).toEqual([
      { persona: "gamer", minutesAgo: 0, minutes: 15 },
    ]);
  });
  it("joins neighbours of one persona and keeps gaps", () => {
    const labels = [label("18:00", "18:20"), label("17:30", "17:58"), label("16:00", "17:00", "everyday")];
    expect(recentActivity(labels, undefined, Date.parse(at))).toEqual([
      { persona: "gamer", minutesAgo: 10, minutes: 50 },
      { persona: "everyday", minutesAgo: 90, minutes: 60 },
    ]);
  });
  it("counts what is recognised as going on until now, and never the future", () => {
    const activity = {
      persona: "gamer",
      source: "traffic",
      at: "2026-11-22T18:10:00.000Z",
      expiresAt: "2026-11-22T19:00:00.000Z",
      weight: 1,
    };
    expect(recentActivity([label("17:40", "18:10")], activity, Date.parse(at))).toEqual([{ persona: "gamer", minutesAgo: 0, minutes: 50 }]);
    expect(recentActivity([], { ...activity, at: "2026-11-22T18:31:00.000Z" }, Date.parse(at))).toEqual([]);
  });
  it("says how sure it is of what is only suspected", () => {
    const activity = {
      persona: "gamer",
      source: "traffic",
      at: "2026-11-22T18:10:00.000Z",
      expiresAt: "2026-11-22T19:00:00.000Z",
      weight: 0.6,
    };
    expect(recentActivity([], activity, Date.parse(at))).toEqual([{ persona: "gamer", minutesAgo: 0, minutes: 20, weight: 0.6 }]);
  });
});

describe("features", () => {
  const belief = (override?: string): Belief => ({
    at,
    devices: new Map([
      ["alice-laptop", { present: true, since: "2026-11-22T18:00:00.000Z", confidence: 1 }],
      ["bob-laptop", { present: true, confidence: 1 }],
      ["tv", { present: true, confidence: 1 }],
      ["gateway", { present: true, confidence: 1 }],
    ]),
    subjects: new Map([
      [
        "alice",
        {
          subject: "alice",
          place: "home",
          evidence: [],
          events: [],
          ...(override
            ? { override: { persona: override, source: "test", at: "2026-11-22T18:00:00.000Z", expiresAt: "2026-11-22T19:00:00.000Z" } }
            : {}),
        },
      ],
    ]),
  });
  const extract = (b: Belief, when = at) =>
    extractFeatures({ subject: alice!, belief: b, home, personas, labels: [], events: [], at: when, horizon: 900_000 });

  it("tells own devices from shared ones, and leaves out other people's and the infrastructure", () => {
    const { devices, shared, kinds, local } = extract(belief());
    expect(devices).toEqual([{ id: "alice-laptop", kind: "laptop", minutesPresent: 30 }]);
    expect(shared.map((d) => d.id)).toEqual(["tv"]);
    expect(kinds).toEqual(["laptop"]);
    expect(local).toEqual({ minuteOfDay: 1170, dayOfWeek: 7, day: 20779 });
  });
  it("carries an override while it stands, of a persona that exists", () => {
    expect(extract(belief("gamer")).override).toBe("gamer");
    expect(extract(belief("gamer"), "2026-11-22T19:00:00.000Z").override).toBeUndefined();
    expect(extract(belief("deleted")).override).toBeUndefined();
  });
});
