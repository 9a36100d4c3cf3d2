import { Persona, type PersonaSet } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import type { EventFeature, Occurrence } from "../model/index.ts";
import { fold, hasPhrase } from "./fold.ts";
import { eventFeatures, type Meanings } from "./meaning.ts";

const persona = (id: string, words: string[], conferenceHosts: string[] = []): [string, Persona] => [
  id,
  Persona.parse({ id, name: id, signs: { calendar: { words, conferenceHosts, strength: 0.9 } } }),
];
const personas: PersonaSet = new Map([
  persona("everyday", []),
  persona("remote-worker", ["meeting", "stand-up", "Réunion", "1:1", "会議", "@corp.example"], ["zoom.us"]),
  persona("gamer", ["raid", "game"], ["discord.gg"]),
]);
const at = "2026-06-02T08:00:00.000Z";
const occurrence = (more: Partial<Occurrence> = {}): Occurrence => ({
  uid: "u",
  calendar: "work",
  summary: "Something",
  start: "2026-06-02T09:00:00.000Z",
  end: "2026-06-02T10:00:00.000Z",
  allDay: false,
  busy: "busy",
  categories: [],
  status: "confirmed",
  recurring: false,
  ...more,
});
const features = (more: Partial<Occurrence>, meanings: Meanings = [], calendarNames = new Map<string, string>()): EventFeature[] =>
  eventFeatures({ occurrences: [occurrence(more)], personas, meanings: new Map([["work", meanings]]), calendarNames, at });
const matches = (more: Partial<Occurrence>) => features(more)[0]!.matches.map((m) => `${m.persona} ${m.strength.toFixed(2)} ${m.matched}`);

describe("words", () => {
  it.each([
    [{ summary: "Team MEETING (weekly)" }, ["remote-worker 0.90 meeting"]],
    [{ summary: "Reunion d'équipe" }, ["remote-worker 0.90 Réunion"]],
    [{ summary: "Stand up!" }, ["remote-worker 0.90 stand-up"]],
    [{ summary: "1:1 Alice" }, ["remote-worker 0.90 1:1"]],
    [{ summary: "来週の会議です" }, ["remote-worker 0.90 会議"]],
    [{ summary: "Gamelan concert" }, []],
    [{ summary: "Something", categories: ["Meeting"] }, ["remote-worker 0.90 meeting"]],
    [{ summary: "Something", calendarName: "Raid nights" }, ["gamer 0.60 raid"]],
    [{ summary: "Game before the meeting" }, ["remote-worker 0.90 meeting", "gamer 0.90 game"]],
    [{ conferenceHost: "corp.zoom.us" }, ["remote-worker 0.90 corp.zoom.us"]],
    [{ conferenceHost: "notzoom.us" }, []],
    [{ domains: ["eu.corp.example"] }, ["remote-worker 0.90 @corp.example"]],
    [{ summary: "", calendarName: "Raid nights", conferenceHost: "corp.zoom.us" }, []],
  ] as const)("%j", (more, expected) => expect(matches(more as Partial<Occurrence>)).toEqual(expected));
  it("counts the owner's own name of the calendar", () => {
    expect(features({}, [], new Map([["work", "Game evenings"]]))[0]!.matches[0]).toMatchObject({ persona: "gamer", matched: "game" });
  });
  it("folds scripts and keeps words whole", () => {
    expect(fold("  Ærø–Straße, ŁÓDŹ: İstanbul №1 ")).toBe("aero strasse lodz istanbul no1");
    expect(hasPhrase("termin mit anna", "termin mit")).toBe(true);
    expect(hasPhrase("termine mit anna", "termin")).toBe(false);
    expect(hasPhrase("anything", "")).toBe(false);
  });
});

describe("what the owner declared", () => {
  const band: Meanings = [
    { text: "Practice", persona: "gamer", away: false },
    { text: "Band practice", persona: "everyday", away: true },
  ];
  it("is stronger than any word, the longest text first", () => {
    expect(features({ summary: "band PRACTICE after the meeting" }, band)[0]).toMatchObject({
      matches: [{ persona: "everyday", strength: 1, matched: "Band practice" }],
      elsewhere: true,
    });
    expect(features({ summary: "Practice" }, band)[0]).toMatchObject({ matches: [{ persona: "gamer" }], elsewhere: false });
  });
  it("may say no more than that one is away", () => {
    expect(features({ summary: "Client meeting" }, [{ text: "client", away: true }])[0]).toMatchObject({
      matches: [{ persona: "remote-worker" }],
      elsewhere: true,
    });
  });
  it("may go by who invites", () =>
    expect(
      features({ domains: ["club.example"] }, [{ text: "@club.example", persona: "gamer", away: false }])[0]!.matches[0]!.strength,
    ).toBe(1));
  it("does not reach private events or other calendars", () => {
    expect(features({ summary: "" }, [{ text: "", persona: "gamer", away: true } as Meanings[number]])[0]).toMatchObject({
      matches: [],
      elsewhere: false,
      key: "",
    });
    expect(features({ calendar: "other", summary: "Band practice" }, band)[0]!.matches).toEqual([]);
  });
});

describe("busy, place and time", () => {
  it.each([
    [{ location: "Town hall" }, true],
    [{ location: "Town hall", conferenceHost: "zoom.us" }, false],
    [{ location: "Home office" }, false],
    [{ location: "Zu Hause" }, false],
    [{ busy: "out-of-office" }, true],
    [{ summary: "Urlaub" }, true],
    [{ summary: "Flight to Oslo" }, true],
    [{ summary: "Flightsimulator" }, false],
    [{}, false],
  ] as const)("%j is elsewhere: %s", (more, elsewhere) => expect(features(more as Partial<Occurrence>)[0]!.elsewhere).toBe(elsewhere));
  it.each([
    [{ participation: "tentative" }, "tentative"],
    [{ participation: "needs-action" }, "tentative"],
    [{ participation: "accepted" }, "busy"],
    [{ busy: "free", participation: "tentative" }, "free"],
  ] as const)("%j is %s", (more, busy) => expect(features(more as Partial<Occurrence>)[0]!.busy).toBe(busy));
  it("leaves out what was declined, cancelled or is over", () => {
    for (const more of [
      { participation: "declined" },
      { status: "cancelled" },
      { start: "2026-06-02T06:00:00.000Z", end: "2026-06-02T08:00:00.000Z" },
    ] as const)
      expect(features(more), JSON.stringify(more)).toEqual([]);
    expect(features({ start: at, end: at })).toHaveLength(1);
  });
  it("tells minutes from now, first what starts first, and nothing of the text", () => {
    const all = eventFeatures({
      occurrences: [occurrence({ summary: "Sprint 42 planning" }), occurrence({ start: "2026-06-02T07:30:00.000Z" })],
      personas,
      meanings: new Map(),
      at,
    });
    expect(all.map((e) => [e.startsIn, e.endsIn, e.key])).toEqual([
      [-30, 120, "something"],
      [60, 120, "sprint # planning"],
    ]);
  });
});
