import { Persona } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { Home, inEnglish, later } from "../model/index.ts";
import { describeActivity, type Quiet, quietSince, type RecognisedActivity, type Said, signalsFrom, worthSaying } from "./recognised.ts";

const home = Home.parse({
  version: 1,
  home: { id: "h", name: "H", timeZone: "Europe/Berlin" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [
    { id: "ann", devices: ["laptop"] },
    { id: "bob", devices: ["console"] },
  ],
  devices: [
    { id: "laptop", kind: "laptop", macs: ["02:00:00:00:00:11"] },
    { id: "console", name: "Bob's console", kind: "console", macs: ["02:00:00:00:00:21"] },
    { id: "tv", kind: "tv", macs: ["02:00:00:00:00:31"] },
  ],
});
const persona = (id: string, ...traffic: { kind: "game" | "call" | "streaming" | "upload"; strength: number }[]) =>
  Persona.parse({ id, name: id, signs: { traffic } });
const personas = new Map(
  [
    persona("gamer", { kind: "game", strength: 0.9 }),
    persona("worker", { kind: "call", strength: 0.9 }),
    persona("student", { kind: "call", strength: 0.8 }),
    persona("viewer", { kind: "streaming", strength: 0.8 }),
    persona("everyday"),
  ].map((p) => [p.id, p]),
);
const at = "2026-11-17T19:00:00.000Z";
const seen = (device: string, kind: RecognisedActivity["kind"], probability = 1): RecognisedActivity => ({
  device,
  kind,
  probability,
  signs: [
    { of: "symmetry", value: "1.00" },
    { of: "packetsUp", value: "64.0" },
    { of: "remotePort", value: "27015" },
  ],
});
const signals = (activities: readonly RecognisedActivity[], atHome: readonly string[] = [], quiet: Quiet = new Map()) =>
  signalsFrom(activities, { home, personas, router: "main", atHome: new Set(atHome), quiet, at });

describe("signalsFrom", () => {
  it("makes of recognised traffic evidence with its reason, and a label", () => {
    expect(signals([seen("console", "game")])).toEqual([
      {
        kind: "evidence",
        subject: "bob",
        source: "router:main/traffic",
        logOdds: { gamer: expect.closeTo(Math.log(19)) },
        why: "game on Bob's console (64.0 packets/s up, port 27015)",
        said: expect.objectContaining({ key: "seenBy" }),
        at,
        expiresAt: later(at, 90_000),
      },
      expect.objectContaining({ kind: "activity", subject: "bob", persona: "gamer", weight: expect.closeTo(0.72) }),
    ]);
  });
  it("weighs more the longer it lasts, and against whoever shows other traffic", () => {
    const after = (seconds: number) => signals([{ ...seen("console", "game"), since: later(at, -1_000 * seconds) }]);
    const logOdds = (times: number) => ({
      gamer: expect.closeTo(times * Math.log(19)),
      worker: expect.closeTo(-1.25 * times),
      student: expect.closeTo(-1.25 * times),
      viewer: expect.closeTo(-1.25 * times),
    });
    expect(after(29)).toEqual(signals([seen("console", "game")]));
    expect(after(30)[0]).toMatchObject({ logOdds: logOdds(2) });
    // It is not said anew at every look.
    expect(after(44)).toEqual(after(30));
    expect(after(45)[0]).toMatchObject({ logOdds: logOdds(3) });
    expect(after(3_600)[0]).toMatchObject({ logOdds: logOdds(4) });
    expect(after(3_600)[0]).not.toHaveProperty("logOdds.everyday");
  });
  it("teaches nothing when several personas may be meant", () => {
    const found = signals([seen("laptop", "call")]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: "evidence",
      logOdds: { worker: expect.closeTo(Math.log(19)), student: expect.closeTo(Math.log(9)) },
    });
  });
  it("takes what a shared device does for everybody's at home, so much less, and teaches nothing by it", () => {
    expect(signals([seen("tv", "streaming")])).toEqual([]);
    const found = signals([seen("tv", "streaming")], ["ann", "bob"]);
    expect(found.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(["evidence ann", "evidence bob"]);
    expect(found[0]).toMatchObject({ logOdds: { viewer: expect.closeTo(Math.log(9) / 2) } });
  });
  it("is silent about traffic that no persona declares", () => {
    expect(signals([seen("laptop", "upload"), seen("console", "background")])).toEqual([]);
  });
});

describe("quiet", () => {
  it("is who does nothing that matters, with devices of their own or shared ones", () => {
    const since = (busy: string[], atHome: string[], before: Quiet = new Map()) =>
      [...quietSince(before, new Set(busy), { home, atHome: new Set(atHome), at })].map(([person, when]) => `${person} ${when}`);
    expect(since([], ["ann"])).toEqual([`ann ${at}`, `bob ${at}`]);
    expect(since(["laptop"], ["ann"])).toEqual([`bob ${at}`]);
    expect(since(["tv"], ["ann"])).toEqual([`bob ${at}`]);
    const before = later(at, -60_000);
    expect(since([], [], new Map([["ann", before]]))).toEqual([`ann ${before}`, `bob ${at}`]);
  });
  it("is nothing in particular after five minutes, unless something is recognised", () => {
    const quiet = (minutes: number): Quiet => new Map([["bob", later(at, -minutes * 60_000)]]);
    expect(signals([], [], quiet(4))).toEqual([]);
    expect(signals([], [], quiet(5))).toEqual([
      expect.objectContaining({ kind: "activity", subject: "bob", persona: "everyday", weight: 0.5 }),
    ]);
    expect(signals([seen("console", "game")], [], quiet(5)).map((s) => (s.kind === "activity" ? s.persona : s.kind))).toEqual([
      "evidence",
      "gamer",
    ]);
  });
});

describe("worthSaying", () => {
  it("says what is new, and repeats what goes on now and then", () => {
    let said: Said = new Map();
    const look = (seconds: number, kind: RecognisedActivity["kind"]) => {
      const now = later(at, seconds * 1_000);
      const worth = worthSaying(signals([seen("console", kind)]), said, now);
      said = worth.said;
      return worth.signals.length;
    };
    expect(look(0, "game")).toBe(2);
    expect(look(5, "game")).toBe(0);
    expect(look(31, "game")).toBe(2);
    expect(look(36, "streaming")).toBe(2);
    // What ended and begins again is news.
    expect(look(41, "upload")).toBe(0);
    expect(look(46, "streaming")).toBe(2);
  });
});

describe("describeActivity", () => {
  it("keeps to what a person can read", () => {
    expect(inEnglish(describeActivity({ kind: "call", signs: [{ of: "symmetry", value: "1" }] }, "the laptop"))).toBe("call on the laptop");
  });
});
