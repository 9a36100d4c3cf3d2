import { describe, expect, it } from "vitest";
import type { ExpandRequest } from "./contract.ts";
import { expand, june, shown, vcalendar, vevent, weekly } from "./expand.fixtures.ts";

describe("which occurrence it is", () => {
  /** Instance and start of every occurrence. */
  const instances = (...parts: string[]): string[] =>
    expand(vcalendar(...parts), june).occurrences.map((o) => `${o.instance?.slice(5, 16)} ${o.start.slice(5, 16)} ${o.recurring}`);
  it("is told by when the series has it, also when it was moved, by instant or by day", () => {
    const moved = vevent("UID:w", "RECURRENCE-ID;TZID=Europe/Berlin:20260603T100000", "DTSTART:20260603T150000Z", "DTEND:20260603T160000Z");
    const byDay = vevent("UID:w", "RECURRENCE-ID;VALUE=DATE:20260604", "DTSTART:20260604T150000Z", "DTEND:20260604T160000Z");
    expect(instances(weekly(), moved, byDay)).toEqual([
      "06-02T08:00 06-02T08:00 true",
      "06-03T08:00 06-03T15:00 true",
      "06-04T08:00 06-04T15:00 true",
    ]);
  });
  it("stays when the future is moved, and is a day of all-day series whatever the override says", () => {
    const future = vevent(
      "UID:w",
      "RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T080000Z",
      "DTSTART:20260603T100000Z",
      "DTEND:20260603T110000Z",
    );
    expect(instances(weekly(), future).slice(1)).toEqual(["06-03T08:00 06-03T10:00 true", "06-04T08:00 06-04T10:00 true"]);
    const days = vevent("UID:d", "DTSTART;VALUE=DATE:20260603", "RRULE:FREQ=DAILY;COUNT=2");
    const sent = vevent("UID:d", "RECURRENCE-ID;TZID=Europe/Berlin:20260604T000000", "DTSTART;VALUE=DATE:20260604", "SUMMARY:Exchange");
    expect(instances(days, sent)).toEqual(["06-02T22:00 06-02T22:00 true", "06-03T22:00 06-03T22:00 true"]);
  });
  it("needs no telling where there is but one, and is told where a UID was used for two", () => {
    const single = (start: string): string => vevent("UID:s", `DTSTART:${start}`, "DURATION:PT1H");
    expect(instances(single("20260602T080000Z"))).toEqual(["undefined 06-02T08:00 false"]);
    expect(instances(single("20260602T080000Z"), single("20260603T080000Z"))).toEqual([
      "06-02T08:00 06-02T08:00 false",
      "06-03T08:00 06-03T08:00 false",
    ]);
  });
});

describe("zones", () => {
  it("puts floating and all-day values into the home zone, never the process zone", () => {
    const ics = vcalendar(
      vevent("UID:f", "SUMMARY:Floating", "DTSTART:20260602T090000", "DURATION:PT1H"),
      vevent("UID:d", "SUMMARY:Day", "DTSTART;VALUE=DATE:20260603"),
    );
    expect(shown(ics)).toEqual(["06-02T07:00 06-02T08:00 Floating", "06-02T22:00 06-03T22:00 Day"]);
    expect(shown(ics, { timeZone: "America/New_York" })).toEqual(["06-02T13:00 06-02T14:00 Floating", "06-03T04:00 06-04T04:00 Day"]);
    const processZone = process.env.TZ;
    process.env.TZ = "Asia/Tokyo";
    expect(shown(ics)[0]).toBe("06-02T07:00 06-02T08:00 Floating");
    if (processZone === undefined) delete process.env.TZ;
    else process.env.TZ = processZone;
  });
  it("lets X-WR-TIMEZONE speak for floating times only", () => {
    const ics = vcalendar(
      "X-WR-TIMEZONE:America/New_York",
      vevent("UID:f", "SUMMARY:Floating", "DTSTART:20260602T090000"),
      vevent("UID:d", "SUMMARY:Day", "DTSTART;VALUE=DATE:20260603"),
    );
    expect(shown(ics)).toEqual(["06-02T13:00 06-02T13:00 Floating", "06-02T22:00 06-03T22:00 Day"]);
  });
  it("follows an invented zone, wherever it stands, but trusts IANA over a definition of the same name", () => {
    const zone = (id: string, offset: string): string =>
      [
        "BEGIN:VTIMEZONE",
        `TZID:${id}`,
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        `TZOFFSETFROM:${offset}`,
        `TZOFFSETTO:${offset}`,
        "END:STANDARD",
        "END:VTIMEZONE",
      ].join("\r\n");
    const ics = vcalendar(
      vevent("UID:a", "SUMMARY:Own", "DTSTART;TZID=Customized Time Zone:20260602T090000"),
      vevent("UID:b", "SUMMARY:Iana", 'DTSTART;TZID="Europe/Berlin":20260602T100000'),
      zone("Customized Time Zone", "+0345"),
      zone("Europe/Berlin", "+0900"),
    );
    expect(shown(ics)).toEqual(["06-02T05:15 06-02T05:15 Own", "06-02T08:00 06-02T08:00 Iana"]);
  });
  it("takes abbreviations as the calendar defines them, or else as people mean them", () => {
    const event = vevent("UID:1", "SUMMARY:Tea", "DTSTART;TZID=BST:20260602T100000");
    expect(shown(vcalendar(event))).toEqual(["06-02T09:00 06-02T09:00 Tea"]);
    const own =
      "BEGIN:VTIMEZONE\r\nTZID:BST\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE";
    expect(shown(vcalendar(own, event))).toEqual(["06-02T07:00 06-02T07:00 Tea"]);
  });
  it("uses the home zone for a name nobody knows, and says so", () => {
    const { occurrences, problems } = expand(vcalendar(vevent("UID:a", "DTSTART;TZID=Middle Earth:20260602T090000")));
    expect(occurrences[0]!.start).toBe("2026-06-02T07:00:00.000Z");
    expect(problems).toEqual(['1 event named a time zone that is not known ("Middle Earth"); Europe/Berlin is used (first at line 4)']);
  });
  it("keeps the wall time over a change of clocks, and the days of all-day events", () => {
    const ics = vcalendar(
      vevent("UID:a", "SUMMARY:Late", "DTSTART;TZID=Europe/Berlin:20261023T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY"),
      vevent("UID:b", "SUMMARY:Trip", "DTSTART;VALUE=DATE:20261024", "DTEND;VALUE=DATE:20261027"),
    );
    expect(shown(ics, { from: "2026-10-24T00:00:00Z", to: "2026-10-26T12:00:00Z" })).toEqual([
      "10-23T22:00 10-26T23:00 Trip",
      "10-24T00:30 10-24T01:30 Late",
      "10-25T00:30 10-25T01:30 Late",
      "10-26T01:30 10-26T02:30 Late",
    ]);
  });
});

describe("exceptions", () => {
  it.each([
    ["an instant", "EXDATE:20260603T080000Z"],
    ["a local time", "EXDATE;TZID=Europe/Berlin:20260603T100000"],
    ["a local time without its zone", "EXDATE:20260603T100000"],
    ["a date", "EXDATE;VALUE=DATE:20260603"],
    ["another zone", "EXDATE;TZID=America/New_York:20260603T040000"],
    ["an EXRULE", "EXRULE:FREQ=WEEKLY;BYDAY=WE"],
  ])("takes out %s", (_, line) =>
    expect(shown(vcalendar(weekly(line)), june)).toEqual(["06-02T08:00 06-02T09:00 Weekly", "06-04T08:00 06-04T09:00 Weekly"]),
  );
  it.each([
    ["a date", "RECURRENCE-ID;VALUE=DATE:20260603"],
    ["an instant", "RECURRENCE-ID:20260602T220000Z"],
    ["midnight UTC", "RECURRENCE-ID:20260603T000000Z"],
    ["a zone", "RECURRENCE-ID;TZID=UTC+01:20260603T000000"],
  ])("matches an all-day instance by %s", (_, id) => {
    const ics = vcalendar(
      vevent("UID:d", "SUMMARY:Day", "DTSTART;VALUE=DATE:20260504", "RRULE:FREQ=DAILY"),
      vevent("UID:d", "SUMMARY:Moved", id, "DTSTART;VALUE=DATE:20260606"),
    );
    expect(shown(ics, { from: "2026-06-02T12:00:00Z", to: "2026-06-04T12:00:00Z" })).toEqual([
      "06-01T22:00 06-02T22:00 Day",
      "06-03T22:00 06-04T22:00 Day",
    ]);
  });
  it("replaces an instance whatever the order and SEQUENCE, the newest override winning", () => {
    const override = (sequence: number, hour: string, title: string): string =>
      vevent(
        "UID:w",
        `SUMMARY:${title}`,
        `SEQUENCE:${sequence}`,
        "RECURRENCE-ID:20260603T080000Z",
        `DTSTART:20260603T${hour}0000Z`,
        "DURATION:PT30M",
      );
    expect(shown(vcalendar(override(2, "15", "New"), override(1, "14", "Old"), weekly("SEQUENCE:5")), june)).toEqual([
      "06-02T08:00 06-02T09:00 Weekly",
      "06-03T15:00 06-03T15:30 New",
      "06-04T08:00 06-04T09:00 Weekly",
    ]);
  });
  it("shows an override that moved into the window and not one that moved out", () => {
    const moved = (from: string, to: string): string =>
      vevent("UID:w", "SUMMARY:Moved", `RECURRENCE-ID:${from}`, `DTSTART:${to}`, "DURATION:PT1H");
    expect(
      shown(vcalendar(weekly(), moved("20260620T080000Z", "20260603T200000Z"), moved("20260604T080000Z", "20260620T200000Z")), june),
    ).toEqual(["06-02T08:00 06-02T09:00 Weekly", "06-03T08:00 06-03T09:00 Weekly", "06-03T20:00 06-03T21:00 Moved"]);
  });
  it("shows orphans alone, drops what is cancelled, and what EXDATE and an override both name", () => {
    const orphan = vevent("UID:o", "SUMMARY:Orphan", "RECURRENCE-ID:20260101T080000Z", "DTSTART:20260603T120000Z");
    const cancelled = vevent("UID:w", "RECURRENCE-ID:20260602T080000Z", "DTSTART:20260602T080000Z", "STATUS:CANCELLED");
    const both = vevent("UID:w", "SUMMARY:Both", "RECURRENCE-ID:20260603T080000Z", "DTSTART:20260603T150000Z");
    expect(
      shown(
        vcalendar(
          weekly("EXDATE:20260603T080000Z"),
          cancelled,
          both,
          orphan,
          vevent("UID:c", "DTSTART:20260603T080000Z", "STATUS:CANCELLED"),
        ),
        june,
      ),
    ).toEqual(["06-03T12:00 06-03T12:00 Orphan", "06-04T08:00 06-04T09:00 Weekly"]);
  });
  it("changes an instance and all that follow, and ends a series that is cancelled from there on", () => {
    const future = (...lines: string[]): string =>
      vevent(
        "UID:w",
        "SUMMARY:Later",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T080000Z",
        "DTSTART;TZID=Europe/Berlin:20260603T123000",
        "DURATION:PT2H",
        ...lines,
      );
    expect(shown(vcalendar(weekly(), future()), june)).toEqual([
      "06-02T08:00 06-02T09:00 Weekly",
      "06-03T10:30 06-03T12:30 Later",
      "06-04T10:30 06-04T12:30 Later",
    ]);
    expect(shown(vcalendar(weekly(), future("STATUS:CANCELLED")), june)).toEqual(["06-02T08:00 06-02T09:00 Weekly"]);
  });
  it("takes the newest of several versions of one event", () => {
    const version = (sequence: number, hour: string): string =>
      vevent("UID:v", `SUMMARY:v${sequence}`, `SEQUENCE:${sequence}`, `DTSTART:20260603T${hour}0000Z`);
    expect(shown(vcalendar(version(0, "09"), version(2, "11"), version(1, "10")))).toEqual(["06-03T11:00 06-03T11:00 v2"]);
    expect(shown(vcalendar(version(0, "09"), version(0, "09")))).toHaveLength(1);
    expect(shown(vcalendar(version(0, "09"), version(0, "15")))).toHaveLength(2);
  });
});

describe("rules", () => {
  const until = (text: string, start = "DTSTART;TZID=America/New_York:20260601T210000"): string[] =>
    shown(vcalendar(vevent("UID:u", "SUMMARY:U", start, `RRULE:FREQ=DAILY;UNTIL=${text}`)), { to: "2026-06-09T00:00:00Z" });
  it("ends with a month when UNTIL is a day that it does not have", () =>
    expect(
      shown(vcalendar(vevent("UID:u", "SUMMARY:U", "DTSTART:20260629T080000Z", "RRULE:FREQ=DAILY;UNTIL=20260631T235959Z")), {
        from: "2026-06-29T00:00:00Z",
        to: "2026-07-05T00:00:00Z",
      }),
    ).toEqual(["06-29T08:00 06-29T08:00 U", "06-30T08:00 06-30T08:00 U"]));
  it("ends with UNTIL of every kind", () => {
    expect(until("20260603")).toHaveLength(3);
    expect(until("20260604T010000Z")).toHaveLength(3);
    expect(until("20260604T005959Z")).toHaveLength(2);
    expect(until("20260603T210000")).toHaveLength(3);
    expect(until("20260603", "DTSTART;VALUE=DATE:20260601")).toHaveLength(3);
    expect(until("20260602T220000Z", "DTSTART;VALUE=DATE:20260601")).toHaveLength(3);
    expect(until("20260603T235959Z", "DTSTART;VALUE=DATE:20260601")).toHaveLength(3);
  });
  it("shows DTSTART even where the rule does not produce it, and counts it", () => {
    expect(
      shown(vcalendar(vevent("UID:a", "SUMMARY:A", "DTSTART:20260602T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2")), {
        to: "2026-07-01T00:00:00Z",
      }),
    ).toEqual(["06-02T08:00 06-02T08:00 A", "06-05T08:00 06-05T08:00 A"]);
  });
  it("adds RDATEs of every kind once", () => {
    const ics = vcalendar(
      vevent(
        "UID:r",
        "SUMMARY:R",
        "DTSTART;TZID=Europe/Berlin:20260602T100000",
        "DURATION:PT1H",
        "RDATE;VALUE=PERIOD:20260603T080000Z/PT3H,20260604T080000Z/20260604T083000Z",
        "RDATE;VALUE=DATE:20260605",
        "RDATE:20260602T080000Z,20260606T120000Z",
      ),
    );
    expect(shown(ics)).toEqual([
      "06-02T08:00 06-02T09:00 R",
      "06-03T08:00 06-03T11:00 R",
      "06-04T08:00 06-04T08:30 R",
      "06-05T08:00 06-05T09:00 R",
      "06-06T12:00 06-06T13:00 R",
    ]);
  });
  it("reaches an old series without counting up to it, and a long event that began before the window", () => {
    expect(shown(vcalendar(vevent("UID:o", "SUMMARY:Old", "DTSTART:19700101T080000Z", "RRULE:FREQ=DAILY")), june)).toHaveLength(3);
    expect(shown(vcalendar(vevent("UID:l", "SUMMARY:Long", "DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260701")), june)).toEqual([
      "04-30T22:00 06-30T22:00 Long",
    ]);
  });
  it("reports a rule that it caps, and one it cannot read", () => {
    const capped = expand(vcalendar(vevent("UID:s", "SUMMARY:S", "DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY")));
    expect(capped.occurrences).toHaveLength(2000);
    expect(capped).toMatchObject({
      complete: false,
      problems: ["1 event had more than 2000 occurrences in the window; the rest was left out (first at line 4)"],
    });
    const unread = expand(vcalendar(vevent("UID:s", "SUMMARY:S", "DTSTART:20260602T000000Z", "RRULE:FREQ=FORTNIGHTLY")));
    expect(unread.occurrences).toHaveLength(1);
    expect(unread.problems[0]).toContain("FREQ=FORTNIGHTLY is not a frequency");
  });
});

describe("what an event is", () => {
  const one = (lines: string[], more: Partial<ExpandRequest> = {}, headers: string[] = []) =>
    expand(vcalendar(...headers, vevent("UID:x", "SUMMARY:X", "DTSTART:20260602T080000Z", ...lines)), more).occurrences[0]!;
  it.each([
    [["TRANSP:TRANSPARENT"], "free"],
    [["STATUS:TENTATIVE"], "tentative"],
    [["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "out-of-office"],
    [["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], "out-of-office"],
    [["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], "busy"],
    [[], "busy"],
  ] as const)("%j is %s", (lines, busy) => expect(one([...lines]).busy).toBe(busy));
  it.each([
    ["a declared link of any host", ["CONFERENCE;VALUE=URI:https://calls.corp.example/1", "URL:https://zoom.us/j/1"], "calls.corp.example"],
    ["Google's property", ["X-GOOGLE-CONFERENCE:https://meet.google.com/abc"], "meet.google.com"],
    ["a known host in the location", ["LOCATION:https://company.zoom.us/j/1"], "company.zoom.us"],
    [
      "a known host in the description",
      ["DESCRIPTION:Agenda\\nJoin: https://teams.microsoft.com/l/meetup-join/19\\, thanks"],
      "teams.microsoft.com",
    ],
    [
      "a link behind Outlook's protection",
      ["DESCRIPTION:https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmeet.jit.si%2Froom&data=1"],
      "meet.jit.si",
    ],
    ["no link to a host that only looks like it", ["DESCRIPTION:https://zoom.us.evil.example/j/1 and https://notzoom.us/"], undefined],
    ["a host that a persona names", ["DESCRIPTION:https://bbb.school.example/b/1"], "bbb.school.example"],
  ])("finds %s", (_, lines, host) => expect(one(lines, { conferenceHosts: ["school.example"] }).conferenceHost).toBe(host));
  it("has a location only when it is a place", () => {
    expect(one(["LOCATION:Town hall\\, room 3"]).location).toBe("Town hall, room 3");
    expect(one(["LOCATION:https://zoom.us/j/1"]).location).toBeUndefined();
    expect(one(["LOCATION:Microsoft Teams Meeting"]).location).toBeUndefined();
  });
  it("knows the owner's own answer, and where guests come from but not who they are", () => {
    const lines = ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@corp.example", "ATTENDEE;CN=A;PARTSTAT=DECLINED:mailto:Alice@Home.example"];
    const occurrence = one(lines, { owners: ["alice@home.example"] });
    expect(occurrence).toMatchObject({ participation: "declined", domains: ["corp.example"] });
    expect(JSON.stringify(occurrence)).not.toContain("bob");
    expect(one(lines, {}, ["X-WR-CALNAME:alice@home.example"]).participation).toBe("declined");
  });
  it("is busy time only when private", () => {
    const lines = ["CLASS:PRIVATE", "LOCATION:Clinic", "DESCRIPTION:https://zoom.us/j/1", "CATEGORIES:Health"];
    expect(one(lines)).toEqual({
      uid: "x",
      summary: "",
      categories: [],
      busy: "busy",
      status: "confirmed",
      start: "2026-06-02T08:00:00.000Z",
      end: "2026-06-02T08:00:00.000Z",
      allDay: false,
      recurring: false,
    });
    expect(one(lines, { showPrivate: true }).summary).toBe("X");
  });
  it("tells the publisher's wish and the calendar's name", () => {
    expect(expand(vcalendar("X-WR-CALNAME:Work\\, mostly", "X-PUBLISHED-TTL:PT1H"))).toMatchObject({
      name: "Work, mostly",
      refresh: 3_600_000,
      events: 0,
    });
  });
});

describe("limits", () => {
  it("keeps a series with very many extra dates, overrides and exceptions within its time", () => {
    const many = (n: number, line: (at: string) => string): string[] =>
      Array.from({ length: n }, (_, i) =>
        line(new Date(Date.UTC(2026, 5, 2) + i * 60_000).toISOString().slice(0, 19).replace(/[-:]/g, "")),
      );
    const ics = vcalendar(
      vevent(
        "UID:m",
        "DTSTART:20200101T000000Z",
        "RRULE:FREQ=SECONDLY;INTERVAL=7",
        `RDATE:${many(20_000, (at) => `${at}Z`).join()}`,
        ...many(5_000, (at) => `EXDATE:${at}Z`),
      ),
      ...many(2_000, (at) => vevent("UID:m", `RECURRENCE-ID:${at}Z`, "DTSTART:20260602T120000Z", "SUMMARY:O")),
    );
    const began = process.cpuUsage();
    const { complete, problems, occurrences } = expand(ics, june);
    const used = process.cpuUsage(began);
    expect((used.user + used.system) / 1e6).toBeLessThan(4);
    expect(complete).toBe(false);
    expect(problems.join()).toContain("more than 2000 occurrences");
    expect(occurrences.length).toBeLessThanOrEqual(4_000);
  });
  it("shows an hourly series once where the clocks go forward, and no year beyond 9999", () => {
    const ics = vcalendar(
      vevent("UID:h", "SUMMARY:H", "DTSTART;TZID=Europe/Berlin:20260328T003000", "RRULE:FREQ=HOURLY"),
      vevent("UID:n", "SUMMARY:N", "DTSTART;VALUE=DATE:20260327", "DTEND;VALUE=DATE:99991231", "DURATION:P99999999D"),
    );
    const { occurrences } = expand(ics, { from: "2026-03-29T00:00:00Z", to: "2026-03-29T03:00:00Z" });
    expect(occurrences.map((o) => o.start.slice(8, 16))).toEqual(["26T23:00", "29T00:30", "29T01:30", "29T02:30"]);
    expect(occurrences[0]!.end < "9999-12-31").toBe(true);
    expect(
      expand(vcalendar(vevent("UID:e", "DTSTART;TZID=Pacific/Pago_Pago:99991231T230000", "DTEND;TZID=Pacific/Pago_Pago:99991231T235900")), {
        from: "9999-12-31T00:00:00Z",
        to: "9999-12-31T23:59:59Z",
      }).occurrences.every((o) => /^9999-/.test(o.end)),
    ).toBe(true);
  });
});
