import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countEnd, endOfTime, instances, type Recurrence, recurrence } from "./expander.ts";
import { limits } from "./limits.ts";
import { parseRule } from "./rule.ts";
import { civil, dayMs, dayNumber, dayOf, daysInMonth, wallOf, weekday } from "./wall.ts";

function bound(text: string, start: number, until?: number): Recurrence {
  const reading = parseRule(text);
  if ("error" in reading) throw new Error(reading.error);
  return recurrence(reading.rule, start, { allDay: false, ...(until === undefined ? {} : { until }) });
}
function list(text: string, start: number, from: number, to: number, most = 10_000): number[] {
  const found: number[] = [];
  const outcome = instances(bound(text, start), from, to, { left: 5_000_000 }, (wall) => found.push(wall) < most);
  expect(outcome).not.toBe("out of budget");
  return found;
}
const iso = (walls: readonly number[]): string[] => walls.map((w) => new Date(w).toISOString().slice(0, 16));
const years = (n: number): number => n * 366 * dayMs;

describe("examples of RFC 5545", () => {
  const start = wallOf(1997, 9, 2, 9);
  const first = (rule: string, n: number, from = start): string[] =>
    iso(list(rule, from, from, from + years(40), n)).map((text) => text.slice(0, 10));
  it.each([
    ["FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH", ["1997-09-02", "1997-09-04", "1997-09-16", "1997-09-18"]],
    ["FREQ=MONTHLY;BYDAY=1FR", ["1997-09-05", "1997-10-03", "1997-11-07"]],
    ["FREQ=MONTHLY;BYMONTHDAY=-3", ["1997-09-28", "1997-10-29", "1997-11-28", "1997-12-29"]],
    ["FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11,12", ["1997-09-10", "1997-09-11", "1997-09-12", "1999-03-10"]],
    ["FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", ["2000-01-01", "2000-04-09", "2000-07-18", "2003-01-01"]],
    ["FREQ=YEARLY;BYDAY=20MO", ["1998-05-18", "1999-05-17", "2000-05-15"]],
    ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["1998-05-11", "1999-05-17", "2000-05-15"]],
    ["FREQ=YEARLY;BYDAY=TH;BYMONTH=3", ["1998-03-05", "1998-03-12", "1998-03-19", "1998-03-26", "1999-03-04"]],
    ["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13"]],
    ["FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", ["1997-11-04", "2001-11-06"]],
    ["FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", ["1997-09-04", "1997-10-07", "1997-11-06"]],
    ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", ["1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30"]],
    ["FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1", ["1998-01-31", "1999-01-31"]],
    ["FREQ=YEARLY;SKIP=FORWARD;RSCALE=GREGORIAN;BYMONTH=2;BYMONTHDAY=29", ["1998-03-01", "1999-03-01", "2000-02-29"]],
    [
      "FREQ=MONTHLY;SKIP=BACKWARD;RSCALE=GREGORIAN;BYMONTHDAY=31",
      ["1997-09-30", "1997-10-31", "1997-11-30", "1997-12-31", "1998-01-31", "1998-02-28"],
    ],
  ])("%s", (rule, days) => expect(first(rule, days.length)).toEqual(days));
  it("keeps hours, minutes and seconds in step over days", () => {
    expect(iso(list("FREQ=HOURLY;INTERVAL=7", start, start + 3 * dayMs, start + 4 * dayMs))).toEqual([
      "1997-09-05T14:00",
      "1997-09-05T21:00",
      "1997-09-06T04:00",
    ]);
    expect(iso(list("FREQ=MINUTELY;INTERVAL=90;BYDAY=WE", start, start, start + 3 * dayMs)).slice(0, 3)).toEqual([
      "1997-09-03T00:00",
      "1997-09-03T01:30",
      "1997-09-03T03:00",
    ]);
    expect(list("FREQ=SECONDLY;INTERVAL=86401", start, start, start + 5 * dayMs)).toHaveLength(5);
    expect(iso(list("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1;BYHOUR=9,10", start, start, start + dayMs))).toEqual([
      "1997-09-02T09:30",
      "1997-09-02T10:30",
    ]);
  });
});

const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const some = <T>(from: readonly T[], name: string) =>
  fc
    .option(fc.subarray([...from], { minLength: 1, maxLength: Math.min(4, from.length) }), { nil: undefined })
    .map((l) => (l ? `;${name}=${l.join(",")}` : ""));
const ruleText = fc
  .tuple(
    fc.constantFrom("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"),
    fc.integer({ min: 1, max: 40 }),
    some([1, 2, 6, 12], "BYMONTH"),
    some([1, 13, 29, 31, -1, -30], "BYMONTHDAY"),
    some([...days, "1MO", "-1FR", "5WE"], "BYDAY"),
    some([0, 9, 23], "BYHOUR"),
    some([1, 2, -1], "BYSETPOS"),
    fc.constantFrom("", ";WKST=SU", ";WKST=WE"),
  )
  .map(([frequency, interval, ...parts]) => `FREQ=${frequency};INTERVAL=${interval}${parts.join("")}`);
const startWall = fc.integer({ min: dayNumber(1995, 1, 1), max: dayNumber(2030, 1, 1) }).map((day) => day * dayMs + 9 * 3_600_000);

describe("any rule", () => {
  it("gives the same in a window as from its beginning", () => {
    fc.assert(
      fc.property(ruleText, startWall, fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 60 }), (rule, start, after, length) => {
        const [from, to] = [start + after * dayMs, start + (after + length) * dayMs];
        const all: number[] = [];
        const outcome = instances(bound(rule, start), start, to, { left: 3_000_000 }, (wall) => all.push(wall) < 200_000);
        fc.pre(outcome === "done");
        expect(list(rule, start, from, to, 1e9)).toEqual(all.filter((wall) => wall >= from));
        expect(all.every((wall, i) => i === 0 || wall > all[i - 1]!)).toBe(true);
      }),
      { seed: 6, numRuns: 150 },
    );
  });

  it("agrees with looking at every single day", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("MONTHLY", "YEARLY", "WEEKLY", "DAILY"),
        some([1, 2, 6, 12], "BYMONTH"),
        some([1, 13, 29, 31, -1, -30], "BYMONTHDAY"),
        some([...days, "1MO", "-1FR", "5WE"], "BYDAY"),
        startWall,
        (frequency, months, monthDays, weekdays, start) => {
          const text = `FREQ=${frequency}${months}${monthDays}${weekdays}`;
          const to = start + 800 * dayMs;
          const expected: number[] = [];
          for (let wall = start; wall < to; wall += dayMs)
            if (isWanted(frequency, months, monthDays, weekdays, dayOf(start), dayOf(wall))) expected.push(wall);
          expect(iso(list(text, start, start, to))).toEqual(iso(expected));
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  it("ends at the instance that COUNT names", () => {
    fc.assert(
      fc.property(ruleText, startWall, fc.integer({ min: 1, max: 60 }), (rule, start, count) => {
        const recurring = bound(rule, start);
        const all: number[] = [start];
        const outcome = instances(recurring, start + 1, start + years(30), { left: 2_000_000 }, (wall) => all.push(wall) < count);
        fc.pre(outcome === "stopped" && all.length === count);
        expect(countEnd(recurring, count, endOfTime, { left: 2_000_000 })).toEqual({ last: all[count - 1], countedTo: endOfTime });
      }),
      { seed: 8, numRuns: 150 },
    );
  });
});

/** The meaning of a rule, day by day, without any of the expander's shortcuts. */
function isWanted(frequency: string, months: string, monthDays: string, weekdays: string, start: number, day: number): boolean {
  const numbers = (text: string): number[] =>
    text
      ? text
          .slice(text.indexOf("=") + 1)
          .split(",")
          .map(Number)
      : [];
  const at = civil(day);
  const began = civil(start);
  const length = daysInMonth(at.year, at.month);
  const [wantedMonths, wantedDays] = [numbers(months), numbers(monthDays)];
  if (wantedMonths.length > 0 && !wantedMonths.includes(at.month)) return false;
  if (wantedDays.length > 0 && !wantedDays.includes(at.day) && !wantedDays.includes(at.day - length - 1)) return false;
  if (weekdays) {
    const inYear = frequency === "YEARLY" && !months;
    const [index, total] = inYear
      ? [day - dayNumber(at.year, 1, 1), dayNumber(at.year + 1, 1, 1) - dayNumber(at.year, 1, 1)]
      : [at.day - 1, length];
    return weekdays
      .slice(weekdays.indexOf("=") + 1)
      .split(",")
      .some((text) => {
        const nth = frequency === "MONTHLY" || frequency === "YEARLY" ? Number.parseInt(text, 10) || 0 : 0;
        if (days.indexOf(text.slice(-2)) !== weekday(day)) return false;
        return nth === 0 || (nth > 0 ? Math.ceil((index + 1) / 7) === nth : Math.ceil((total - index) / 7) === -nth);
      });
  }
  if (wantedDays.length > 0 || frequency === "DAILY") return true;
  if (frequency === "WEEKLY") return weekday(day) === weekday(start);
  return at.day === began.day && (frequency === "MONTHLY" || wantedMonths.length > 0 || at.month === began.month);
}

describe("bombs", () => {
  it.each([
    "FREQ=DAILY;BYMONTHDAY=-1",
    "FREQ=DAILY;INTERVAL=999999999",
    "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4",
    "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=1000",
    "FREQ=MINUTELY;BYHOUR=3;BYDAY=MO;COUNT=100000000",
    "FREQ=SECONDLY;BYMONTH=1",
    "FREQ=SECONDLY",
    "FREQ=MINUTELY;BYDAY=5MO",
    "FREQ=SECONDLY;INTERVAL=7;BYSECOND=59;COUNT=99999999",
    `FREQ=YEARLY;BYHOUR=${[...Array(24).keys()]};BYMINUTE=${[...Array(60).keys()]};BYSECOND=${[...Array(60).keys()]};BYSETPOS=-1`,
    "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=1;COUNT=1000000",
    "FREQ=YEARLY;BYYEARDAY=366;INTERVAL=7;COUNT=5000",
    "FREQ=WEEKLY;INTERVAL=99999999999999999999",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=3MO;BYSETPOS=366",
  ])("%s costs no more than its budget", (rule) => {
    const start = 0;
    const now = Date.UTC(2026, 10, 22);
    const began = process.cpuUsage();
    const recurring = bound(rule, start);
    const work = { left: limits.work };
    countEnd(recurring, 100_000_000, now + dayMs, work);
    let found = 0;
    instances(recurring, now, now + dayMs, { left: limits.work }, () => ++found < 2000);
    const used = process.cpuUsage(began);
    expect(work.left).toBeGreaterThanOrEqual(-100_000);
    // Four times what is promised, because other tests run beside this one.
    expect((used.user + used.system) / 1000).toBeLessThan(1000);
  });
});
