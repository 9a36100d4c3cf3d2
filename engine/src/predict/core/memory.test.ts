import { describe, expect, it } from "vitest";
import { column, firstOf, isMemory, nothingRemembered, putBack, remember, takeLatest, widthOf } from "./memory.ts";
import type { Moment } from "./moment.ts";

const someMoment = (day: number, classes: number, devices = ""): Moment => ({
  day,
  minute: 600,
  weekday: 3,
  horizon: 15,
  current: 0,
  dwell: 100,
  previous: 1,
  previousDwell: 70,
  previous2: -1,
  last: 1,
  last2: -1,
  sinceLast: 5,
  since: Array.from({ length: classes }, (_, k) => 5 * (2 ** k - 1)),
  timesToday: Array.from({ length: classes }, (_, k) => k),
  lately: 1,
  nthToday: 2,
  yesterday: -1,
  lastWeek: -1,
  place: "home",
  devices,
  calendar: "",
  allowed: new Array<boolean>(classes).fill(true),
  root: new Array<number>(classes).fill(1 / classes),
  stated: {},
});

describe("memory", () => {
  it("keeps what it had when a class is added", () => {
    const memory = nothingRemembered();
    remember(memory, someMoment(1, 2), 0, 1);
    remember(memory, someMoment(2, 3), 2, 0.5);
    expect(isMemory(memory)).toBe(true);
    const width = widthOf(3);
    expect(memory.rows.slice(width - 6, width)).toEqual([0, 16, 0, 0, 1, 0]);
    expect(memory.rows.slice(-6)).toEqual([0, 16, 32, 0, 1, 2]);
    expect([memory.rows[column.known], memory.rows[width + column.known]]).toEqual([2, 3]);
  });
  it("forgets the oldest, and the words that only they used", () => {
    const memory = nothingRemembered();
    for (let n = 0; n < 3000; n++) remember(memory, someMoment(n, 2, n < 1500 ? `early ${n}` : "console"), 0, 1);
    expect(memory.words).toEqual(["", "home", "console"]);
    expect(memory.rows[firstOf(memory) + column.day]).toBe(2400);
    const last = memory.rows.length - widthOf(2);
    expect(memory.words[memory.rows[last + column.devices]!]).toBe("console");
  });
  it("gets back what was taken out", () => {
    const memory = nothingRemembered();
    for (let n = 0; n < 5; n++) remember(memory, someMoment(n, 2), 0, 1);
    const before = structuredClone(memory);
    const taken = takeLatest(memory, 2);
    expect(memory.rows).toHaveLength(3 * widthOf(2));
    putBack(memory, taken);
    expect(memory).toEqual(before);
  });
  it("is not anything of another shape", () => {
    expect(isMemory({})).toBe(false);
    expect(isMemory({ words: [""], classes: 1, rows: [1, 2, 3] })).toBe(false);
  });
});
