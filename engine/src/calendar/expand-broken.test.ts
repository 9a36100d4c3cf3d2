import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand, june, shown, vcalendar, vevent, weekly } from "./expand.fixtures.ts";

describe("broken input", () => {
  it("repairs single lines and loses only what cannot be repaired", () => {
    const ics = `\ufeff${vcalendar(
      vevent("UID:1", "SUMMARY:Date", "DTSTART:20260602"),
      vevent("UID:2", "SUMMARY:Zed", "DTSTART:20260603Z"),
      vevent("UID:3", "SUMMARY:Quote", 'DTSTART;TZID="Europe/Berlin:20260604T100000'),
      vevent("UID:4", "SUMMARY:Value", "DTSTART;VALUE=DATE:20260605T080000Z"),
      vevent("UID:5", "SUMMARY:Lost", "DTSTART:soon"),
      vevent("UID:6", "SUMMARY:Html", "DTSTART:20260606T080000Z", "X-ALT-DESC;FMTTYPE=text/html:<html>", "<p>not folded</p>", "</html>"),
      vevent("UID:7", "SUMMARY:Colon", "DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin:20260606T120000", "RRULE:"),
    )}`.replaceAll("\r\n", "\n");
    const { occurrences, problems } = expand(ics);
    expect(occurrences.map((o) => `${o.summary} ${o.start.slice(8, 16)} ${o.allDay}`)).toEqual([
      "Date 01T22:00 true",
      "Zed 02T22:00 true",
      "Quote 04T08:00 false",
      "Value 05T08:00 false",
      "Html 06T08:00 false",
      "Colon 06T10:00 false",
    ]);
    expect(problems.join("\n")).toMatch(/2 stray lines[\s\S]*1 event had no start[^\n]*line 28/);
  });
  it("reads times as ISO 8601 writes them, lists divided by semicolons, and parameters with colons", () => {
    const { occurrences, problems } = expand(
      vcalendar(
        vevent("UID:1", "SUMMARY:Dashes", "DTSTART:2026-06-02T10:00:00Z", "DTEND:2026-06-02T11:00:00.000Z"),
        vevent("UID:2", "SUMMARY:Offset", "DTSTART:2026-06-03T10:00:00+02:00", "DTEND:20260603T060000-0330"),
        vevent("UID:3", "SUMMARY:List", "DTSTART:20260604T100000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260604T100000Z;20260605T100000Z"),
        vevent('UID;X-A="a:b":4', "SUMMARY:Gone", "DTSTART:20260602T100000Z", 'STATUS;X-A="a:b":CANCELLED'),
        vevent("UID:5", "SUMMARY:Rule", "DTSTART:20260601T120000Z", 'DURATION;X-A="a:b":PT1H', 'RRULE;X-A="a:b":FREQ=DAILY;COUNT=2'),
      ),
    );
    expect(occurrences.map((o) => `${o.summary} ${o.start.slice(8, 16)} ${o.end.slice(8, 16)}`)).toEqual([
      "Rule 01T12:00 01T13:00",
      "Dashes 02T10:00 02T11:00",
      "Rule 02T12:00 02T13:00",
      "Offset 03T08:00 03T09:30",
      "List 06T10:00 06T10:00",
    ]);
    expect(problems).toEqual([expect.stringContaining("3 events had a date that was repaired")]);
  });
  it("tells of days that a month does not have, lengths that are none, and events that it cannot find", () => {
    const odd = expand(
      vcalendar(vevent("UID:1", "SUMMARY:Odd", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260631", "DURATION:PT1H30")),
    );
    expect(odd.occurrences.map((o) => o.end.slice(0, 10))).toEqual(["2026-06-30"]);
    expect(odd.problems.join()).toMatch(/DURATION that could not be read.*a date that was repaired/);
    const indented = expand("BEGIN:VCALENDAR\n  BEGIN:VEVENT\n    UID:1\n    DTSTART:20260602T100000Z\n  END:VEVENT\nEND:VCALENDAR\n");
    expect(indented.occurrences).toEqual([]);
    expect(indented.problems.join()).toContain("none begins with BEGIN:VEVENT");
  });
  it("takes out an instance that is cancelled without saying when it would have been", () =>
    expect(
      shown(vcalendar(weekly(), vevent("UID:w", "RECURRENCE-ID;TZID=Europe/Berlin:20260603T100000", "STATUS:CANCELLED")), june),
    ).toEqual(["06-02T08:00 06-02T09:00 Weekly", "06-04T08:00 06-04T09:00 Weekly"]));
  it("keeps an event that was cut off, and events outside a calendar", () => {
    expect(
      shown(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:A\nDTSTART:20260602T080000Z\nBEGIN:VALARM\nDTSTART:20200101T000000Z\nBEGIN:VEVENT\nUID:b\nSUMMARY:B\nDTSTART:20260603T080000Z",
      ),
    ).toEqual(["06-02T08:00 06-02T08:00 A", "06-03T08:00 06-03T08:00 B"]);
    expect(shown("BEGIN:VEVENT\rUID:a\rSUMMARY:Mac\rDTSTART:20260602T080000Z\rEND:VEVENT\r")).toEqual(["06-02T08:00 06-02T08:00 Mac"]);
  });
  it("says what a text is that is no calendar", () => {
    expect(() => expand("<!DOCTYPE html><html><body>Sign in</body></html>")).toThrow(/web page.*login/);
    expect(() => expand("")).toThrow(/empty/);
    expect(() => expand("hello")).toThrow(/no BEGIN:VCALENDAR/);
    expect(() => expand(vcalendar(), { timeZone: "Berlin" })).toThrow(/timeZone.*IANA/);
    expect(() => expand(vcalendar(), { from: "tomorrow" })).toThrow(/from.*instant/);
  });
  it("neither throws nor hangs, whatever is done to a calendar", () => {
    const good = vcalendar(
      "X-WR-TIMEZONE:Europe/Berlin",
      weekly("EXDATE:20260603T080000Z", "RDATE;VALUE=PERIOD:20260603T080000Z/PT3H"),
      vevent("UID:d", "DTSTART;VALUE=DATE:20260602", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=99", "DURATION:P1D"),
    );
    const pieces = [
      "\r\n",
      ";",
      ":",
      '"',
      "=",
      ",",
      "BEGIN:VEVENT\n",
      "END:VEVENT\n",
      "RRULE:FREQ=SECONDLY\n",
      "99999999",
      "-",
      "T",
      "Z",
      "\u0000",
      "DTSTART:",
      "P",
      "/",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length), fc.nat(12), fc.constantFrom(...pieces)), { minLength: 1, maxLength: 12 }),
        (edits) => {
          const text = edits.reduce((t, [at, length, piece]) => t.slice(0, at) + piece + t.slice(at + length), good);
          try {
            const { occurrences } = expand(text);
            for (const o of occurrences)
              expect(o.end >= o.start && o.start < "2026-06-08" && o.end >= "2026-06-01", JSON.stringify(o)).toBe(true);
          } catch (error) {
            expect(error).toMatchObject({ code: "bad-input" });
          }
        },
      ),
      { seed: 9, numRuns: 300 },
    );
  });
});

describe("a calendar full of bombs", () => {
  it("still shows what is harmless and tells of the rest", { timeout: 60_000 }, () => {
    const bombs = Array.from({ length: 120 }, (_, i) =>
      vevent(`UID:b${i}`, "DTSTART:19000101T000000Z", "RRULE:FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=59;COUNT=99999999"),
    );
    const { occurrences, problems, complete } = expand(
      vcalendar(...bombs, vevent("UID:h", "SUMMARY:Harmless", "DTSTART:20260602T080000Z")),
      june,
    );
    expect(occurrences.some((o) => o.summary === "Harmless")).toBe(true);
    expect(complete).toBe(true);
    const counted = expand(
      vcalendar(
        ...Array.from({ length: 60 }, (_, i) => vevent(`UID:c${i}`, "DTSTART:10000101T000000Z", "RRULE:FREQ=DAILY;COUNT=9999999")),
        vevent("UID:h", "SUMMARY:Harmless", "DTSTART:20260602T080000Z"),
      ),
      june,
    );
    expect(counted.occurrences.some((o) => o.summary === "Harmless")).toBe(true);
    expect(counted.complete).toBe(false);
    expect(counted.problems.join()).toMatch(/took too long to follow|COUNT too far away/);
    expect(problems).toEqual([]);
  });
  it("cuts a line of endless dates at a whole value and says so", () => {
    const { occurrences, problems } = expand(
      vcalendar(vevent("UID:l", "DTSTART:20260602T080000Z", `RDATE:${"20260603T080000Z,".repeat(10_000)}20260604T080000Z`)),
    );
    expect(occurrences.map((o) => o.start.slice(8, 10))).toEqual(["02", "03"]);
    expect(problems).toEqual(["1 line longer than 100 kB; what follows in them was left out"]);
  });
});
