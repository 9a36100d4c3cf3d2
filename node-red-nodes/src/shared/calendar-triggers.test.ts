import { describe, expect, it } from "vitest";
import { parseOffsets, parseTimeOfDay, reachOf, type TriggerSettings, triggersOf } from "./calendar-triggers.ts";
import { isoWithOffset } from "./calendar-zone.ts";
import { upcoming } from "./fixtures/upcoming.ts";

const berlin = "Europe/Berlin";
const settings = (more: Partial<TriggerSettings>): TriggerSettings => ({ start: [0], end: [], allDayAt: 0, ...more });
const dues = (event: ReturnType<typeof upcoming>, more: Partial<TriggerSettings> = {}, zone = berlin) =>
  triggersOf([event], settings(more), zone).map(({ kind, due }) => `${kind} ${isoWithOffset(zone, due)}`);

describe("when an event triggers", () => {
  const call = upcoming("call", "2026-11-23T09:00Z", "2026-11-23T09:30Z");
  it("at start and end, moved by any number of offsets, in order of time", () => {
    expect(dues(call, { start: [-10, 0], end: [-5, 60] })).toEqual([
      "start 2026-11-23T09:50:00+01:00",
      "start 2026-11-23T10:00:00+01:00",
      "end 2026-11-23T10:25:00+01:00",
      "end 2026-11-23T11:30:00+01:00",
    ]);
    expect(dues(call, { start: [] })).toEqual([]);
  });
  it("an all-day event at local midnight or at the time of one's choice, and ends at midnight", () => {
    const bins = upcoming("bins", "2026-11-22T23:00Z", "2026-11-23T23:00Z", { allDay: true });
    expect(dues(bins, { end: [0] })).toEqual(["start 2026-11-23T00:00:00+01:00", "end 2026-11-24T00:00:00+01:00"]);
    expect(dues(bins, { allDayAt: 450, end: [0] })).toEqual(["start 2026-11-23T07:30:00+01:00", "end 2026-11-24T00:00:00+01:00"]);
    expect(dues(bins, { start: [-360] })).toEqual(["start 2026-11-22T18:00:00+01:00"]);
  });
  it("an all-day event by the hands of the clock when the clocks change, a timed one by the time that passes", () => {
    // Sunday 29 March 2026 has 23 hours in Berlin, 25 October 25.
    const spring = upcoming("spring", "2026-03-28T23:00Z", "2026-03-29T22:00Z", { allDay: true });
    expect(dues(spring, { allDayAt: 420, end: [0] })).toEqual(["start 2026-03-29T07:00:00+02:00", "end 2026-03-30T00:00:00+02:00"]);
    const after = upcoming("after", "2026-03-29T22:00Z", "2026-03-30T22:00Z", { allDay: true });
    expect(dues(after, { start: [-1440] })).toEqual(["start 2026-03-29T00:00:00+01:00"]);
    const autumn = upcoming("autumn", "2026-10-24T22:00Z", "2026-10-25T23:00Z", { allDay: true });
    expect(dues(autumn, { allDayAt: 420 })).toEqual(["start 2026-10-25T07:00:00+01:00"]);
    expect(dues(upcoming("night", "2026-03-29T01:30Z", "2026-03-29T02:00Z"), { start: [-60] })).toEqual([
      "start 2026-03-29T01:30:00+01:00",
    ]);
  });
  it("an all-day event where the clocks go forward at midnight, as soon as that day begins", () => {
    // Chile: 6 September 2026 begins at 01:00.
    const day = upcoming("day", "2026-09-06T04:00Z", "2026-09-07T03:00Z", { allDay: true });
    expect(dues(day, { end: [0] }, "America/Santiago")).toEqual(["start 2026-09-06T01:00:00-03:00", "end 2026-09-07T00:00:00-03:00"]);
    expect(dues(day, { allDayAt: 480 }, "America/Santiago")).toEqual(["start 2026-09-06T08:00:00-03:00"]);
  });
  it("and how far events must be known for it", () => {
    const hour = 3_600_000;
    expect(reachOf(settings({ start: [-120, 30], end: [600] }), hour, 24 * hour)).toEqual({ back: 14 * hour, ahead: 29 * hour });
  });
});

describe("what people write", () => {
  it.each([
    ["-10, 0", [-10, 0]],
    ["−5", [-5]],
    ["", [0]],
    ["15 15;-10080", [15, -10080]],
    ["ten", undefined],
    ["-10081", undefined],
  ])("offsets %j", (text, expected) => expect(parseOffsets(text)).toEqual(expected));
  it.each([
    ["", 0],
    ["7:30", 450],
    ["23:59", 1439],
    ["24:00", undefined],
    ["noon", undefined],
  ])("time of day %j", (text, expected) => expect(parseTimeOfDay(text)).toBe(expected));
});
