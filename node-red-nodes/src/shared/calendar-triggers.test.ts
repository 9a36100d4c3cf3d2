import type { UpcomingEvent } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { matching, mergeEvents, triggersOf } from "./calendar-triggers.ts";

const event = (uid: string, start: string, end: string, more: Partial<UpcomingEvent> = {}): UpcomingEvent => ({
  calendar: "work",
  uid,
  subjects: ["alice"],
  summary: uid,
  start: `2026-11-23T${start}:00.000Z`,
  end: `2026-11-23T${end}:00.000Z`,
  allDay: false,
  meanings: [],
  ...more,
});
const at = (time: string) => Date.parse(`2026-11-23T${time}:00.000Z`);
const startAndEnd = { start: true, startOffset: -10, end: true, endOffset: 5 };

describe("calendar triggers", () => {
  it("fires at start and end, moved by the offsets, in order", () => {
    const found = triggersOf([event("standup", "10:00", "10:30"), event("call", "09:00", "12:00")], startAndEnd);
    expect(found.map((t) => [t.event.uid, t.kind, new Date(t.at).toISOString().slice(11, 16)])).toEqual([
      ["call", "start", "08:50"],
      ["standup", "start", "09:50"],
      ["standup", "end", "10:35"],
      ["call", "end", "12:05"],
    ]);
  });
  it("fires only what is switched on", () => {
    expect(triggersOf([event("call", "09:00", "10:00")], { ...startAndEnd, end: false }).map((t) => t.kind)).toEqual(["start"]);
  });
  it("filters by calendar, meaning and text", () => {
    const events = [
      event("Standup", "10:00", "10:30", { meanings: [{ persona: "remote-worker", strength: 0.8, matched: "standup" }] }),
      event("Dinner", "19:00", "20:00", { calendar: "family" }),
    ];
    const uids = (filter: object) => matching(events, { calendar: "", persona: "", text: "", ...filter }).map((e) => e.uid);
    expect(uids({})).toEqual(["Standup", "Dinner"]);
    expect(uids({ calendar: "family" })).toEqual(["Dinner"]);
    expect(uids({ persona: "remote-worker" })).toEqual(["Standup"]);
    expect(uids({ text: " DIN" })).toEqual(["Dinner"]);
  });
  it("drops a deleted event, follows a moved one and keeps an ended one that still has to trigger", () => {
    const before = [event("ended", "08:00", "09:00"), event("deleted", "10:00", "11:00"), event("moved", "12:00", "13:00")];
    const now = [event("moved", "14:00", "15:00")];
    expect(mergeEvents(before, now, at("09:02"), startAndEnd).map((e) => [e.uid, e.start.slice(11, 16)])).toEqual([
      ["ended", "08:00"],
      ["moved", "14:00"],
    ]);
    expect(mergeEvents(before, now, at("09:06"), startAndEnd).map((e) => e.uid)).toEqual(["moved"]);
  });
});
