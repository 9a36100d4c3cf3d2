import { Persona } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { Home, later, type Occurrence, type SignalInput } from "../model/index.ts";
import { admit, believe } from "./index.ts";

const home = Home.parse({
  version: 1,
  home: { timeZone: "Europe/Berlin" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
  people: [{ id: "alice", devices: ["phone", "laptop"], calendars: ["work"] }],
  devices: [
    { id: "phone", kind: "phone" },
    { id: "laptop", kind: "laptop" },
    { id: "tv", kind: "tv" },
  ],
  calendars: [{ id: "work", ics: "./a.ics" }],
});
const personas = new Map(["everyday", "gamer"].map((id) => [id, Persona.parse({ id, name: id })]));
const now = "2026-11-22T12:00:00.000Z";
let count = 0;
const signal = (input: SignalInput, at = now) => admit({ at, ...input }, { home, personas, at, id: `s${count++}` });
const presence = (subject: string, present: boolean, at: string) => signal({ kind: "presence", subject, present, source: "test" }, at);
const at = (time: string) => `2026-11-22T${time}:00.000Z`;

describe("admit", () => {
  it("completes identity, instants and expiry", () => {
    expect(signal({ kind: "presence", subject: "tv", present: true, source: "test" })).toMatchObject({
      at: now,
      expiresAt: "2026-11-23T00:00:00.000Z",
      confidence: 1,
    });
  });
  it.each([
    [{ kind: "presence", subject: "bob", present: true, source: "t" }, "subject", /nobody in this home.*alice/],
    [{ kind: "location", subject: "tv", place: "home", source: "t" }, "subject", /nobody/],
    [{ kind: "override", subject: "alice", persona: "pirate", source: "t" }, "persona", /no persona "pirate"; known: everyday, gamer/],
    [{ kind: "evidence", subject: "alice", logOdds: { pirate: 1 }, source: "t" }, "logOdds.pirate", /no persona/],
    [{ kind: "presence", subject: "tv", present: true, source: "t", at: "2026-11-22T13:00:00Z" }, "at", /in the future/],
    [{ kind: "presence", subject: "tv", present: true, source: "t", expiresAt: "2026-11-22T11:00:00Z" }, "expiresAt", /not after/],
  ] as [SignalInput, string, RegExp][])("names the wrong field of %j", (input, field, message) => {
    const attempt = () => admit(input, { home, personas, at: now, id: "x" });
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ field }));
  });
  it("never lets a signal outlive the longest lifetime of its kind", () => {
    expect(
      signal({ kind: "evidence", subject: "alice", logOdds: { gamer: 1 }, source: "t", expiresAt: "2030-01-01T00:00:00Z" }).expiresAt,
    ).toBe("2026-11-23T12:00:00.000Z");
  });
});

describe("believe", () => {
  const none = new Map<string, Occurrence[]>();
  it("takes the newest statement, and does not restart a state that is only repeated", () => {
    const belief = believe(
      [presence("tv", false, at("08:00")), presence("tv", true, at("09:00")), presence("tv", true, at("10:00"))],
      none,
      home,
      now,
    );
    expect(belief.devices.get("tv")).toMatchObject({ present: true, since: at("09:00") });
  });
  it("knows nothing rather than absent when nobody said", () => {
    expect(believe([], none, home, now).devices.get("tv")!.present).toBeUndefined();
    expect(believe([], none, home, now).subjects.get("alice")!.place).toBeUndefined();
  });
  it("forgets what expired and ignores what has not happened", () => {
    const early = presence("tv", true, at("01:00"));
    expect(believe([{ ...early, expiresAt: at("11:00") }], none, home, now).devices.get("tv")!.present).toBeUndefined();
    expect(believe([presence("tv", true, at("11:00"))], none, home, at("10:59")).devices.get("tv")!.present).toBeUndefined();
  });
  it("brings a person home with the phone after an older geofence said away", () => {
    const left = signal({ kind: "location", subject: "alice", place: "away", source: "owntracks" }, at("08:00"));
    expect(believe([left], none, home, now).subjects.get("alice")!.place).toBe("away");
    expect(believe([left, presence("phone", true, at("11:00"))], none, home, now).subjects.get("alice")!.place).toBe("home");
    expect(believe([left, presence("phone", true, at("07:00"))], none, home, now).subjects.get("alice")!.place).toBe("away");
  });
  it("ends an override with null or with time", () => {
    const forced = signal({ kind: "override", subject: "alice", persona: "gamer", source: "homekit" }, at("11:00"));
    expect(believe([forced], none, home, now).subjects.get("alice")!.override?.persona).toBe("gamer");
    expect(
      believe(
        [forced, signal({ kind: "override", subject: "alice", persona: null, source: "homekit" }, at("11:30"))],
        none,
        home,
        now,
      ).subjects.get("alice")!.override,
    ).toBeUndefined();
    expect(believe([forced], none, home, at("15:00")).subjects.get("alice")!.override).toBeUndefined();
  });
  it("lets one sender move a persona only so far, however many sources it speaks as", () => {
    const say = (source: string, gamer: number) => signal({ kind: "evidence", subject: "alice", logOdds: { gamer }, source });
    const { evidence } = believe(
      [say("token:app/a", 3), say("token:app/b", 3), say("token:other/a", -1)],
      none,
      home,
      later(now, 1000),
    ).subjects.get("alice")!;
    expect(evidence.map(({ source, logOdds }) => [source, logOdds.gamer])).toEqual([
      ["token:app", 4],
      ["token:other", -1],
    ]);
  });
  it("does not depend on the order signals arrived in", () => {
    const signals = [presence("tv", false, at("08:00")), presence("tv", true, at("09:00")), presence("phone", true, at("10:00"))];
    expect(believe([...signals].reverse(), none, home, now)).toEqual(believe(signals, none, home, now));
  });
});
