import { describe, expect, it } from "vitest";
import { labelsFrom } from "../adapt/index.ts";
import { Home, later, type Signal } from "../model/index.ts";
import { believe } from "./believe.ts";
import { continued, stillNeeded } from "./continue.ts";

const home = Home.parse({
  version: 1,
  home: { id: "home", timeZone: "Europe/Berlin" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
  people: [{ id: "ann", devices: ["laptop"] }],
  devices: [{ id: "laptop", kind: "laptop", macs: ["02:00:00:00:00:11"] }],
});
const start = "2026-11-22T08:00:00.000Z";
const at = (minute: number) => later(start, minute * 60_000);
const presence = (minute: number, present = true, source = "router:main"): Signal => ({
  kind: "presence",
  subject: "laptop",
  present,
  source,
  confidence: 1,
  id: `${source} ${minute}`,
  at: at(minute),
  expiresAt: at(minute + 30),
});
const place = (minute: number, where: string): Signal => ({
  kind: "location",
  subject: "ann",
  place: where,
  source: "owntracks",
  confidence: 1,
  id: `place ${minute}`,
  at: at(minute),
  expiresAt: at(minute + 18 * 60),
});
/** What is believed after these signals came one after the other. */
function after(arriving: readonly Signal[], minute: number) {
  let held: Signal[] = [];
  for (const signal of arriving) {
    const belief = believe(held, new Map(), home, signal.at);
    held = [...stillNeeded(held, signal.at), continued(signal, belief)];
  }
  return believe(stillNeeded(held, at(minute)), new Map(), home, at(minute));
}
const repeats = (from: number, to: number) => Array.from({ length: (to - from) / 10 + 1 }, (_, i) => presence(from + i * 10));

describe("a device that stays", () => {
  it("is here since it came, though every single statement has expired", () => {
    expect(after(repeats(0, 300), 305).devices.get("laptop")).toMatchObject({ present: true, since: at(0) });
  });
  it("is here since it came back", () => {
    const signals = [...repeats(0, 60), presence(70, false), ...repeats(80, 200)];
    expect(after(signals, 205).devices.get("laptop")?.since).toBe(at(80));
  });
  it("begins anew after a time nobody knew anything", () => {
    expect(after([...repeats(0, 60), ...repeats(120, 150)], 155).devices.get("laptop")?.since).toBe(at(120));
  });
  it("believes a newer contrary word of somebody else over an older past", () => {
    const signals = [...repeats(0, 60), presence(65, false, "flow"), presence(70)];
    expect(after(signals, 75).devices.get("laptop")).toMatchObject({ present: true, since: at(70) });
  });
  it("does not call its owner home who went to work without it", () => {
    const signals = [...repeats(0, 60), place(61, "work"), ...repeats(70, 300)];
    expect(after(signals, 305).subjects.get("ann")?.place).toBe("work");
  });
});

describe("what is kept", () => {
  it("is bounded by who speaks, not by how often", () => {
    const signals = Array.from({ length: 5_000 }, (_, i) => ({ ...place(0, "home"), id: `${i}`, at: later(start, i * 1_000) }));
    expect(stillNeeded(signals, at(90))).toEqual([signals.at(-1)]);
  });
  it("does not lose what a second source says, nor what is still to come", () => {
    const signals = [presence(0), presence(1, false, "flow"), presence(4)];
    expect(stillNeeded(signals, at(2))).toEqual(signals);
  });
});

describe("an activity that goes on", () => {
  const activity = (minute: number, persona = "gamer", source = "router:main/traffic"): Signal => ({
    kind: "activity",
    subject: "ann",
    persona,
    weight: 0.8,
    source,
    confidence: 1,
    id: `${persona} ${minute}`,
    at: at(minute),
    expiresAt: at(minute + 2),
  });
  const override = (minute: number, persona: string | null): Signal => ({
    kind: "override",
    subject: "ann",
    persona,
    source: "homekit",
    confidence: 1,
    id: `override ${minute}`,
    at: at(minute),
    expiresAt: at(minute + 3),
  });
  const every = (from: number, to: number, persona?: string) =>
    Array.from({ length: to - from + 1 }, (_, i) => activity(from + i, persona));
  const since = (signals: readonly Signal[], minute: number) => after(signals, minute).subjects.get("ann")?.activity?.at;

  it("began when it was first seen, though every single statement has expired", () => {
    expect(since(every(0, 90), 91)).toBe(at(0));
  });
  it("began anew after something else, a pause, or an owner's word", () => {
    expect(since([...every(0, 10), activity(11, "everyday"), ...every(12, 20)], 21)).toBe(at(12));
    expect(since([...every(0, 10), ...every(20, 30)], 31)).toBe(at(20));
    expect(since([...every(0, 10), override(10.5, "everyday"), ...every(11, 30)], 31)).toBe(at(11));
  });
  it("makes one label, whatever has been forgotten of it meanwhile", () => {
    let held: Signal[] = [];
    const labels = new Set<string>();
    for (const signal of [...every(0, 40), override(40.5, "everyday"), ...every(41, 60), ...every(61, 70, "everyday")]) {
      const belief = believe(held, new Map(), home, signal.at);
      held = [...stillNeeded(held, signal.at), continued(signal, belief)];
      for (const label of labelsFrom(held, later(signal.at, 30_000))) labels.add(`${label.persona} ${label.from}`);
    }
    expect([...labels]).toEqual([`gamer ${at(0)}`, `everyday ${at(40.5)}`, `gamer ${at(41)}`, `everyday ${at(61)}`]);
  });
});
