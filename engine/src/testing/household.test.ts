import { applicablePersonas, type PersonaSet } from "@network-personas/personas";
import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { between, Occurrence, SignalInput } from "../model/index.ts";
import {
  activityAt,
  type Household,
  presentAt,
  type SimulatedDay,
  sampleHousehold,
  simulateDay,
  simulateHousehold,
  type TrueActivity,
  typicalRates,
} from "./household.ts";

const { personas } = await loadPersonas();
const hour = 3_600_000;
const first = "2026-01-05";
const days = [...simulateHousehold(sampleHousehold, first, 56)];
const devices = [...sampleHousehold.people.flatMap((p) => p.devices), ...sampleHousehold.shared];
const subjects = [...sampleHousehold.people.map((p) => p.id), ...sampleHousehold.shared.map((d) => d.id)];
const isWeekend = (day: SimulatedDay) => [0, 6].includes(new Date(`${day.date}T12:00:00Z`).getUTCDay());
const of = (day: SimulatedDay, subject: string) => day.activities.filter((a) => a.subject === subject);
const hoursOf = (list: readonly TrueActivity[], persona: string) =>
  list.filter((a) => a.persona === persona).reduce((sum, a) => sum + between(a.from, a.to) / hour, 0);

describe("a simulated household", () => {
  it("is a function of its seed and date, wherever the simulation starts", () => {
    expect([...simulateHousehold(sampleHousehold, first, 3)]).toEqual(days.slice(0, 3));
    const { signals: _, ...whole } = days[40]!;
    const { signals: __, ...alone } = simulateDay(sampleHousehold, days[40]!.date);
    expect(alone).toEqual(whole);
    expect(simulateDay({ ...sampleHousehold, seed: 2 }, first).activities).not.toEqual(days[0]!.activities);
  });

  it("accounts for every moment of every subject's day, once", () => {
    for (const day of days) {
      for (const subject of subjects) {
        const list = of(day, subject);
        expect(list.reduce((sum, a) => sum + between(a.from, a.to), 0)).toBe(24 * hour);
        for (const [i, activity] of list.slice(1).entries()) expect(activity.from).toBe(list[i]!.to);
      }
    }
  });

  it("keeps the wall clock's hours when clocks change", () => {
    const lengths = ["2026-03-29", "2026-10-25"].map(
      (date) => of(simulateDay(sampleHousehold, date), "alice").reduce((sum, a) => sum + between(a.from, a.to), 0) / hour,
    );
    expect(lengths).toEqual([23, 25]);
  });

  it("does only what the personas of a subject can mean", () => {
    const known: PersonaSet = personas;
    const possible = new Map([
      ...sampleHousehold.people.map(
        (p) => [p.id, applicablePersonas(known, { appliesTo: "person", kinds: p.devices.map((d) => d.kind) })] as const,
      ),
      ...sampleHousehold.shared.map((d) => [d.id, applicablePersonas(known, { appliesTo: "device", kinds: [d.kind] })] as const),
    ]);
    for (const { subject, persona } of days.flatMap((day) => day.activities)) {
      expect(
        possible.get(subject)!.map((p) => p.id),
        `${subject} ${persona}`,
      ).toContain(persona);
      expect(typicalRates[persona]).toBeDefined();
    }
  });

  it("lives plausible days", () => {
    const workdays = days.filter((d) => !isWeekend(d));
    const weekends = days.filter(isWeekend);
    const mean = (list: readonly SimulatedDay[], subject: string, persona: string) =>
      list.reduce((sum, day) => sum + hoursOf(of(day, subject), persona), 0) / list.length;
    // Three of four workdays at home, some seven hours each; none at weekends.
    expect(mean(workdays, "alice", "remote-worker")).toBeGreaterThan(4);
    expect(mean(workdays, "alice", "remote-worker")).toBeLessThan(7);
    expect(mean(weekends, "alice", "remote-worker")).toBe(0);
    expect(mean(weekends, "bob", "gamer")).toBeGreaterThan(mean(workdays, "bob", "gamer"));
    expect(mean(days, "bob", "gamer")).toBeGreaterThan(1);
    expect(mean(days, "bob", "gamer")).toBeLessThan(6);
    expect(mean(days, "alice", "streaming-enthusiast")).toBeGreaterThan(0.5);
    // Nobody does anything in particular at four in the morning.
    for (const day of days)
      for (const person of ["alice", "bob"])
        expect(activityAt(day, person, `${day.date}T03:00:00.000Z`)).toMatchObject({ persona: "everyday", home: true });
    const awayDays = workdays.filter((day) => of(day, "bob").some((a) => !a.home));
    expect(awayDays.length / workdays.length).toBeGreaterThan(0.8);
  });

  it("puts the device in use on the network, before it is used", () => {
    const used = days.flatMap((day) => day.activities.filter((a) => a.device !== null).map((activity) => ({ day, activity })));
    expect(used.length).toBeGreaterThan(200);
    let early = 0;
    for (const { day, activity } of used) {
      expect(presentAt(day, activity.from)).toContain(activity.device);
      const justBefore = new Date(Date.parse(activity.from) - 60_000).toISOString();
      if (presentAt(day, justBefore).has(activity.device!)) early++;
    }
    expect(early / used.length).toBeGreaterThan(0.9);
  });

  it("carries phones about: they are away when their owners are", () => {
    for (const day of days) {
      for (const { subject, from, home } of day.activities.filter((a) => a.subject === "alice" || a.subject === "bob")) {
        expect(presentAt(day, from).has(`${subject}-phone`)).toBe(home);
      }
    }
  });

  it("is not read off the devices alone: computers are opened for nothing in particular too", () => {
    const idle = days.flatMap((day) =>
      day.presence
        .filter((p) => p.device === "alice-laptop")
        .filter((p) => !of(day, "alice").some((a) => a.device === "alice-laptop" && a.from < p.to && p.from < a.to)),
    );
    expect(idle.length).toBeGreaterThan(5);
  });

  it("reports arrivals and departures that retell its presence, in order, without repeats", () => {
    const present = new Map<string, boolean>();
    let last = "";
    for (const day of days) {
      for (const signal of day.signals) {
        expect(SignalInput.safeParse(signal).success).toBe(true);
        expect(signal.at >= last).toBe(true);
        last = signal.at;
        expect(present.get(signal.subject), `${signal.subject} at ${signal.at}`).not.toBe(signal.present);
        present.set(signal.subject, signal.present);
      }
      expect([...present.keys()].sort()).toEqual(devices.map((d) => d.id).sort());
      const lastMoment = new Date(Date.parse(of(day, "alice").at(-1)!.to) - 1).toISOString();
      expect(new Set([...present].filter(([, here]) => here).map(([id]) => id))).toEqual(presentAt(day, lastMoment));
    }
    expect(present.get("camera")).toBe(true);
  });

  it("writes calendars that are mostly right", () => {
    const appointments = days.flatMap((day) => day.appointments.map((appointment) => ({ day, ...appointment })));
    for (const { day, subject, persona, occurrence, tookPlace } of appointments) {
      Occurrence.parse(occurrence);
      const middle = new Date((Date.parse(occurrence.start) + Date.parse(occurrence.end)) / 2).toISOString();
      if (tookPlace) expect(activityAt(day, subject, middle)).toMatchObject({ persona, home: true });
    }
    const raids = appointments.filter((a) => a.occurrence.summary.startsWith("Raid"));
    expect(raids).toHaveLength(16);
    const kept = raids.filter((a) => a.tookPlace).length;
    expect(kept).toBeGreaterThanOrEqual(11);
    expect(new Set(appointments.map((a) => a.occurrence.uid)).size).toBe(appointments.length);
  });

  it("can be as small as one person without devices", () => {
    const alone: Household = { seed: 1, timeZone: "UTC", people: [{ ...sampleHousehold.people[0]!, devices: [] }], shared: [] };
    const day = simulateDay(alone, first);
    expect(day.presence).toEqual([]);
    expect(day.signals).toEqual([]);
    expect(new Set(day.activities.map((a) => a.device))).toEqual(new Set([null]));
  });
});
