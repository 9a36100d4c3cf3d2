import type { CalendarStatus } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { nextText, troubleOf } from "./calendar-status.ts";
import { upcoming } from "./fixtures/upcoming.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const status = (calendar: string, more: Partial<CalendarStatus>): CalendarStatus => ({
  calendar,
  status: "ok",
  fetchedAt: "2026-11-22T09:00:00.000Z",
  events: 3,
  problems: [],
  ...more,
});

describe("what is wrong with the calendars", () => {
  const loading = status("d", { status: "loading", fetchedAt: null });
  const mended = status("c", { problems: ["1 event had a date that was repaired (first at line 3)", "…"] });
  const stale = status("b", { status: "stale", problems: ["cannot be read since …"] });
  const failed = status("a", { status: "failed", fetchedAt: null });
  it("tells the worst of it", () => {
    expect(troubleOf([status("e", {})], now)).toBeUndefined();
    expect(troubleOf([status("e", {}), loading], now)).toEqual({ kind: "loading", calendar: "d" });
    expect(troubleOf([loading, mended], now)).toEqual({ kind: "problems", calendar: "c", count: 2 });
    expect(troubleOf([mended, stale], now)).toEqual({ kind: "stale", calendar: "b", age: "3 h" });
    expect(troubleOf([mended, stale, failed], now)).toEqual({ kind: "failed", calendar: "a" });
  });
  it.each([
    ["2026-11-22T11:20:00.000Z", "40 min"],
    ["2026-11-19T12:00:00.000Z", "3 d"],
  ])("copy of %s", (fetchedAt, age) => expect(troubleOf([status("b", { status: "stale", fetchedAt })], now)).toMatchObject({ age }));
});

describe("what comes next", () => {
  const text = (start: string, language = "en-US", summary = "Standup") => {
    const event = upcoming("1", start, start, { summary });
    return nextText({ kind: "start", offset: 0, due: Date.parse(start), event }, now, "Europe/Berlin", language);
  };
  it("has the day only where it is needed, in the language of the runtime", () => {
    expect(text("2026-11-22T22:55Z")).toBe("23:55 Standup");
    expect(text("2026-11-22T23:05Z")).toBe("Mon 00:05 Standup");
    expect(text("2026-11-23T09:00Z", "de", "")).toBe("Mo., 10:00 work");
    expect(text("2026-12-03T09:00Z")).toBe("12/3, 10:00 Standup");
  });
});
