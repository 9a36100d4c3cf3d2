import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandCalendar, indexCalendar, queryIndex } from "./expand.ts";

const day = 86_400_000;
const base = Date.UTC(2026, 5, 1);
const basic = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "");

const rule = fc.constantFrom(
  "",
  "FREQ=DAILY",
  "FREQ=WEEKLY;BYDAY=MO,FR",
  "FREQ=MONTHLY;BYMONTHDAY=-1",
  "FREQ=DAILY;COUNT=9",
  "FREQ=WEEKLY;UNTIL=20260710T120000Z",
  "FREQ=YEARLY",
  "FREQ=HOURLY;INTERVAL=31",
);
const line = fc.constantFrom(
  "",
  "EXDATE;TZID=Europe/Berlin:20260608T090000",
  "RDATE:20260615T100000Z",
  "RDATE;VALUE=DATE:20260301",
  "DURATION:P3D",
  "DURATION:PT15M",
  "STATUS:CANCELLED",
);
const override = fc.constantFrom("", "RECURRENCE-ID:20260608T070000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260612T070000Z");
const event = fc.record({
  uid: fc.constantFrom("a", "b", "c", ""),
  start: fc.integer({ min: -60, max: 60 }),
  zone: fc.constantFrom("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "date"),
  length: fc.integer({ min: 0, max: 4 }),
  rule,
  line,
  override,
});
const calendar = fc.array(event, { minLength: 1, maxLength: 6 }).map((events) =>
  [
    "BEGIN:VCALENDAR",
    ...events.flatMap((e, i) => {
      const at = (name: string, ms: number): string =>
        e.zone === "date" ? `${name};VALUE=DATE:${basic(ms).slice(0, 8)}` : `${name};TZID=${e.zone}:${basic(ms + 9 * 3_600_000)}`;
      const start = base + e.start * day;
      const end = e.length > 0 && !e.line.startsWith("DURATION") ? [at("DTEND", start + e.length * day)] : [];
      return [
        "BEGIN:VEVENT",
        ...(e.uid ? [`UID:${e.uid}`] : []),
        `SUMMARY:${i}`,
        at("DTSTART", start),
        ...end,
        ...(e.rule && !e.override ? [`RRULE:${e.rule}`] : []),
        e.line,
        e.override,
        "END:VEVENT",
      ];
    }),
    "END:VCALENDAR",
  ].join("\r\n"),
);
const window = fc.tuple(fc.integer({ min: -100 * 24, max: 100 * 24 }), fc.integer({ min: 1, max: 300 })).map(([hour, hours]) => ({
  from: new Date(base + hour * 3_600_000).toISOString(),
  to: new Date(base + (hour + hours) * 3_600_000).toISOString(),
}));

describe("an index", () => {
  it("answers any window, in any order, as a first reading would", () => {
    fc.assert(
      fc.property(calendar, fc.array(window, { minLength: 2, maxLength: 8 }), (ics, windows) => {
        const request = { ics, timeZone: "Europe/Berlin" };
        const index = indexCalendar(request);
        for (const { from, to } of windows)
          expect(queryIndex(index, from, to).occurrences).toEqual(expandCalendar({ ...request, from, to }).occurrences);
      }),
      { seed: 10, numRuns: 400 },
    );
  });

  it("tells the same problems however often it is asked, and of what is cut off every time", () => {
    const lines = ["DTSTART;TZID=Nowhere:20260602T090000", "DTEND;TZID=Nowhere:20260602T100000", "EXDATE;TZID=Nowhere:20260603T090000"];
    const bomb = ["BEGIN:VEVENT", "UID:bomb", "DTSTART:10000101T000000Z", "RRULE:FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2;COUNT=5", "END:VEVENT"];
    const index = indexCalendar({
      ics: ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", ...lines, "RRULE:FREQ=DAILY", "END:VEVENT", ...bomb, "END:VCALENDAR"].join("\n"),
      timeZone: "Europe/Berlin",
    });
    const ask = () => queryIndex(index, "2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z");
    const first = ask();
    expect(first.problems[0]).toBe('1 event named a time zone that is not known ("Nowhere"); Europe/Berlin is used (first at line 2)');
    expect(ask()).toEqual(first);
    const endless = indexCalendar({
      ics: "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:s\nDTSTART:10000101T000000Z\nRRULE:FREQ=HOURLY;BYYEARDAY=366;COUNT=99999\nEND:VEVENT\nEND:VCALENDAR",
      timeZone: "UTC",
    });
    const cut = () => queryIndex(endless, "2600-06-04T00:00:00Z", "2600-06-05T00:00:00Z");
    expect(cut()).toMatchObject({ complete: false, occurrences: [], problems: [expect.stringContaining("COUNT too far away")] });
    expect(cut().complete).toBe(false);
  });

  it("shows in a window exactly what a wider one shows there", () => {
    fc.assert(
      fc.property(calendar, window, (ics, { from, to }) => {
        const wide = {
          ics,
          timeZone: "Europe/Berlin",
          from: new Date(base - 400 * day).toISOString(),
          to: new Date(base + 400 * day).toISOString(),
        };
        const all = expandCalendar(wide);
        fc.pre(all.complete);
        const expected = all.occurrences.filter((o) => o.start < to && (o.end > from || (o.start >= from && o.end === o.start)));
        const byStart = (list: typeof expected) => list.map((o) => `${o.start} ${o.end} ${o.uid} ${o.summary}`).sort();
        expect(byStart(expandCalendar({ ...wide, from, to }).occurrences as typeof expected)).toEqual(byStart(expected));
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});
