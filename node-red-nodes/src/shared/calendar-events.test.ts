import { describe, expect, it } from "vitest";
import { type EventFilter, eventPayload, matching } from "./calendar-events.ts";
import { upcoming } from "./fixtures/upcoming.ts";

const [from, to] = ["2026-11-23T09:00Z", "2026-11-23T10:00Z"];
const events = [
  upcoming("Standup", from, to, { meanings: [{ persona: "remote-worker", strength: 0.8, matched: "standup" }] }),
  upcoming("Café München", from, to, { calendar: "family", busy: "free", location: "Bahnhofstraße 1" }),
  upcoming("Bins", from, to, { allDay: true, busy: "free", categories: ["Household"] }),
  upcoming("", from, to, { id: "private", busy: "out-of-office" }),
];
const passing = (filter: Partial<EventFilter>) =>
  matching(events, { calendar: "", persona: "", text: "", busy: "", allDay: "", ...filter }).map((event) => event.id);

describe("filters", () => {
  it.each<[Partial<EventFilter>, string[]]>([
    [{}, ["Standup", "Café München", "Bins", "private"]],
    [{ calendar: "family" }, ["Café München"]],
    [{ persona: "remote-worker" }, ["Standup"]],
    [{ text: " CAFE munch" }, ["Café München"]],
    [{ text: "bahnhof" }, ["Café München"]],
    [{ text: "household" }, ["Bins"]],
    [{ text: "/^st.*up$/i" }, ["Standup"]],
    [{ text: "/^ST/" }, []],
    [{ text: "/b/g" }, ["Standup", "Bins"].slice(2)],
    [{ busy: "busy" }, ["Standup", "private"]],
    [{ busy: "free" }, ["Café München", "Bins"]],
    [{ busy: "out-of-office" }, ["private"]],
    [{ allDay: "all-day" }, ["Bins"]],
    [{ allDay: "timed", busy: "free" }, ["Café München"]],
  ])("%j", (filter, expected) => expect(passing(filter)).toEqual(expected));
  it("refuse an expression that is none", () => expect(() => passing({ text: "/(/" })).toThrow(SyntaxError));
});

it("an event as flows get it", () => {
  const event = upcoming("uid_20261123T090000Z", from, to, {
    uid: "uid",
    recurring: true,
    conference: { provider: "zoom", host: "corp.zoom.us" },
  });
  expect(eventPayload(event, Date.parse("2026-11-23T09:10:20Z"), "America/New_York")).toEqual({
    id: "uid_20261123T090000Z",
    uid: "uid",
    calendar: "work",
    subjects: ["alice"],
    summary: "uid_20261123T090000Z",
    location: "",
    categories: [],
    start: "2026-11-23T04:00:00-05:00",
    end: "2026-11-23T05:00:00-05:00",
    allDay: false,
    busy: "busy",
    status: "confirmed",
    isRecurring: true,
    minutesToStart: -10,
    minutesToEnd: 50,
    conference: { provider: "zoom", host: "corp.zoom.us" },
    meanings: [],
  });
});
