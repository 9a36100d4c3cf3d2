import { Persona } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { expandCalendar } from "../calendar/expand.ts";
import { Home, type Occurrence, UpcomingEvent } from "../model/index.ts";
import { occurrenceId, upcomingEvents } from "./upcoming.ts";

const home = Home.parse({
  version: 1,
  home: { timeZone: "Europe/Berlin" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [
    { id: "alice", calendars: ["work", "family"] },
    { id: "bob", calendars: ["family"] },
  ],
  calendars: [
    { id: "work", ics: "work.ics", meanings: [{ text: "Band practice", persona: "everyday", away: true }] },
    { id: "family", name: "Family", ics: "family.ics" },
    { id: "bins", ics: "bins.ics" },
  ],
});
const personas = new Map([
  ["everyday", Persona.parse({ id: "everyday", name: "Everyday" })],
  [
    "remote-worker",
    Persona.parse({ id: "remote-worker", name: "Remote worker", signs: { calendar: { words: ["standup"], strength: 0.8 } } }),
  ],
]);
const occurrence = (calendar: string, summary: string, hour: number, more: Partial<Occurrence> = {}): Occurrence => ({
  uid: summary,
  calendar,
  summary,
  start: `2026-06-01T${String(hour).padStart(2, "0")}:00:00.000Z`,
  end: `2026-06-01T${String(hour + 1).padStart(2, "0")}:00:00.000Z`,
  allDay: false,
  busy: "busy",
  categories: [],
  status: "confirmed",
  recurring: false,
  ...more,
});
const window = { from: "2026-06-01T08:30:00.000Z", to: "2026-06-09T00:00:00.000Z" };
const list = (occurrences: Occurrence[], subject?: string) => {
  const held = Map.groupBy(occurrences, (o) => o.calendar);
  const found = upcomingEvents({ home, personas, occurrences: held }, { ...window, ...(subject ? { subject } : {}) });
  return found.map((event) => UpcomingEvent.parse(event));
};

describe("upcoming events", () => {
  it("tell everything a flow may want to know, and nothing that is kept from everybody", () => {
    const [event] = list([
      occurrence("work", "Standup", 9, {
        uid: "u@x",
        instance: "2026-06-01T07:00:00.000Z",
        recurring: true,
        location: "Room 5",
        categories: ["Team"],
        busy: "tentative",
        status: "tentative",
        conferenceHost: "corp.zoom.us",
        calendarName: "Alice Example",
        domains: ["corp.example"],
      }),
    ]);
    expect(event).toEqual({
      id: "u@x_20260601T070000Z",
      uid: "u@x",
      calendar: "work",
      calendarName: "Alice Example",
      subjects: ["alice"],
      summary: "Standup",
      location: "Room 5",
      categories: ["Team"],
      start: "2026-06-01T09:00:00.000Z",
      end: "2026-06-01T10:00:00.000Z",
      allDay: false,
      busy: "tentative",
      status: "tentative",
      recurring: true,
      conference: { provider: "zoom", host: "corp.zoom.us" },
      meanings: [{ persona: "remote-worker", strength: 0.8, matched: "standup" }],
    });
  });
  it("are those of the window, in order; a calendar nobody lists counts for the home, and a shared event comes once", () => {
    const events = [
      occurrence("work", "over", 7),
      occurrence("work", "running", 8),
      occurrence("family", "Picnic", 12),
      occurrence("bins", "Paper", 6, { allDay: true, end: "2026-06-02T00:00:00.000Z" }),
      occurrence("work", "far", 9, { start: "2026-06-09T00:00:00.000Z", end: "2026-06-09T01:00:00.000Z" }),
      occurrence("work", "no length", 9, { end: "2026-06-01T09:00:00.000Z" }),
    ];
    expect(list(events).map((e) => [e.summary, e.subjects])).toEqual([
      ["Paper", []],
      ["running", ["alice"]],
      ["no length", ["alice"]],
      ["Picnic", ["alice", "bob"]],
    ]);
    expect(list(events, "bob").map((e) => [e.summary, e.calendarName])).toEqual([["Picnic", "Family"]]);
  });
  it("mean what the owner said they mean, however far away they are", () => {
    const [event] = list([occurrence("work", "Band practice", 9, { start: "2026-06-08T18:00:00.000Z", end: "2026-06-08T20:00:00.000Z" })]);
    expect(event?.meanings).toEqual([{ persona: "everyday", strength: 1, matched: "Band practice" }]);
  });
  it("leave out what is cancelled or declined", () => {
    const events = [occurrence("work", "a", 9, { status: "cancelled" }), occurrence("work", "b", 9, { participation: "declined" })];
    expect(list(events)).toEqual([]);
  });
  it("keep private events empty", () => {
    const ics = [
      "BEGIN:VCALENDAR",
      "BEGIN:VEVENT",
      "UID:p",
      "CLASS:PRIVATE",
      "SUMMARY:Oncologist",
      "LOCATION:Clinic",
      "CATEGORIES:Health",
      "DESCRIPTION:https://zoom.us/j/1",
      "DTSTART:20260601T100000Z",
      "DTEND:20260601T110000Z",
      "END:VEVENT",
      "END:VCALENDAR",
    ].join("\r\n");
    const { occurrences } = expandCalendar({ ics, ...window, timeZone: "Europe/Berlin" });
    const [event] = list(occurrences.map((o) => ({ ...o, calendar: "work" })));
    expect(event).toMatchObject({ summary: "", categories: [], meanings: [], busy: "busy" });
    expect(JSON.stringify(event)).not.toMatch(/Oncologist|Clinic|Health|zoom/);
  });
  it("have an id each, also without a UID", () => {
    const id = (more: Partial<Occurrence>) => occurrenceId(occurrence("work", "Bins", 9, more));
    expect([id({}), id({ uid: "" }), id({ uid: "u", instance: "2026-06-01T07:00:00.000Z" })]).toEqual([
      "Bins",
      "Bins_20260601T090000Z",
      "u_20260601T070000Z",
    ]);
  });
});
