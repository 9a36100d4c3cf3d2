import { describe, expect, it } from "vitest";
import { expandCalendar } from "./expand.ts";
import { reduceText } from "./reduce.ts";

const feed = [
  "BEGIN:VCALENDAR",
  "PRODID:-//Somebody//EN",
  "X-WR-CALNAME:Alice",
  "X-WR-CALDESC:Alice's secrets",
  "BEGIN:VTIMEZONE",
  "TZID:Custom",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0330",
  "TZOFFSETTO:+0330",
  "END:STANDARD",
  "END:VTIMEZONE",
  "BEGIN:VEVENT",
  "UID:1",
  "SUMMARY:Team \\, meeting with a title that goes on for so long that it was",
  "  folded",
  "DTSTART;TZID=Custom:20260602T100000",
  "DTEND;TZID=Custom:20260602T110000",
  "RRULE:FREQ=DAILY",
  "DESCRIPTION:door code 4711\\nhttps://diary.example/secret https://corp.zoo",
  " m.us/j/99?pwd=secret",
  "LOCATION:Room 5",
  "CATEGORIES:Team,Work",
  "ORGANIZER;CN=Boss Bossman:mailto:boss@corp.example",
  "ATTENDEE;CN=Carol;PARTSTAT=ACCEPTED:mailto:carol@other.example",
  "ATTENDEE;CN=Alice;PARTSTAT=TENTATIVE:mailto:alice@home.example",
  "ATTACH:https://files.example/secret.pdf",
  "COMMENT:not for you",
  "X-MYSTERY:secret",
  "BEGIN:VALARM",
  "DESCRIPTION:secret alarm",
  "SUMMARY:secret alarm",
  "END:VALARM",
  "END:VEVENT",
  "BEGIN:VEVENT",
  "UID:2",
  "SUMMARY:Oncologist",
  "DTSTART:20260603T100000Z",
  "DTEND:nonsense",
  "LOCATION:Clinic",
  "URL:https://clinic.example/secret",
  "ATTENDEE;PARTSTAT=DECLINED:mailto:doctor@clinic.example",
  "CLASS:PRIVATE",
  "TRANSP:OPAQUE",
  "END:VEVENT",
  "BEGIN:VEVENT",
  "UID:3",
  "SUMMARY:Call",
  "DTSTART:20260603T120000Z",
  "LOCATION:zoom.us/j/5?pwd=secret",
  "URL:https://meet.jit.si/secret",
  "END:VEVENT",
  "BEGIN:VTODO",
  "SUMMARY:secret task",
  "END:VTODO",
  "END:VCALENDAR",
  "",
].join("\r\n");
const owners = ["alice@home.example"];
const read = (ics: string) =>
  expandCalendar({ ics, from: "2026-06-02T00:00:00Z", to: "2026-06-04T00:00:00Z", timeZone: "Europe/Berlin", owners });

describe("a calendar as it is kept", () => {
  const kept = reduceText({ ics: feed, owners });
  it("has neither descriptions nor people nor the paths of links nor the text of private events", () => {
    expect(kept).not.toMatch(/secret|4711|diary|Boss|boss@|Carol|carol|doctor|clinic|Clinic|Oncologist|MYSTERY|not for you|pwd/i);
  });
  it("reads the same, down to the lines that problems are told of", () => {
    const whole = read(feed);
    expect(whole.occurrences).toHaveLength(4);
    expect(whole.problems).toEqual([expect.stringMatching(/first at line 35/)]);
    expect(whole.occurrences[0]).toMatchObject({
      conferenceHost: "corp.zoom.us",
      participation: "tentative",
      domains: ["corp.example", "other.example"],
    });
    expect(read(kept)).toEqual(whole);
  });
  it("is not reduced any further", () => expect(reduceText({ ics: kept, owners })).toBe(kept));
  it("keeps links of hosts a persona names", () => {
    expect(reduceText({ ics: feed, conferenceHosts: ["diary.example"] })).toContain("DESCRIPTION:https://diary.example/");
  });
  it("knows the owner by the name of the calendar, survives old line ends, marks and what is cut off", () => {
    const named = feed.replace("X-WR-CALNAME:Alice", "X-WR-CALNAME:alice@home.example");
    expect(reduceText({ ics: named })).toContain("ATTENDEE;PARTSTAT=TENTATIVE:mailto:alice@home.example");
    for (const text of [
      feed.replace(/\r\n/g, "\r"),
      `\uFEFF${feed}`,
      feed.slice(0, feed.indexOf("END:VALARM")),
      feed.replace("END:VALARM\r\n", ""),
    ])
      expect(read(reduceText({ ics: text, owners }))).toEqual(read(text));
    expect(reduceText({ ics: "" })).toBe("");
  });
});
