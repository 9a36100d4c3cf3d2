import { describe, expect, it } from "vitest";
import { type CalendarExpandArguments, calendarExpand } from "./calendar-expand.ts";

const ics = [
  "BEGIN:VCALENDAR",
  "BEGIN:VEVENT",
  "UID:a",
  "SUMMARY:Call",
  "DTSTART;TZID=Europe/Berlin:20260602T100000",
  "DURATION:PT1H",
  "END:VEVENT",
  "BEGIN:VEVENT",
  "UID:b",
  "SUMMARY:Day",
  "DTSTART;VALUE=DATE:20260603",
  "CLASS:PRIVATE",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\n");
const window = { from: "2026-06-01T00:00:00Z", to: "2026-06-08T00:00:00Z" };

async function run(
  args: CalendarExpandArguments,
  input: readonly (string | Buffer)[] = [],
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  async function* stdin(): AsyncGenerator<string | Buffer> {
    yield* input;
  }
  const code = await calendarExpand(args, {
    stdin: stdin(),
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    readFile: async (file) => {
      if (file !== "cal.ics") throw new Error("ENOENT");
      return ics;
    },
  });
  return { code, out, err };
}
const expected = [
  { uid: "a", start: "2026-06-02T08:00:00.000Z", end: "2026-06-02T09:00:00.000Z", allDay: false, summary: "Call" },
  { uid: "b", start: "2026-06-03", end: "2026-06-04", allDay: true, summary: "Day" },
];

describe("calendar expand", () => {
  it("prints the occurrences of a file, all-day ones as dates of the home zone", async () => {
    const { code, out } = await run({ ics: "cal.ics", ...window, tz: "Asia/Tokyo" });
    expect([code, JSON.parse(out)]).toEqual([0, { occurrences: expected }]);
  });
  it("says what is missing or wrong, with exit code 2", async () => {
    expect(await run({ ics: "cal.ics" })).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--from") });
    expect(await run({ ics: "no.ics", ...window })).toMatchObject({ code: 2, err: expect.stringContaining("no.ics cannot be read") });
    expect(await run({ ics: "cal.ics", from: "soon", to: window.to })).toMatchObject({ code: 2, err: expect.stringContaining("from") });
    expect(await run({ ics: "cal.ics", ...window, tz: "Mars" })).toMatchObject({ code: 2, err: expect.stringContaining("IANA") });
  });
  it("answers every line of a batch, cut anywhere, and goes on after a bad one", async () => {
    const lines = [
      JSON.stringify({ name: "ü", ics, ...window, tz: "Europe/Berlin" }),
      "",
      "not json",
      JSON.stringify({ name: "html", ics: "<html>", ...window }),
      JSON.stringify({ name: "bomb", ics: ics.replace("DURATION", "RRULE:FREQ=SECONDLY\nDURATION"), ...window }),
    ];
    const bytes = Buffer.from(lines.join("\n"));
    const { code, out } = await run({ batch: true }, [bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11)]);
    const answers = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers[0]).toEqual({ name: "ü", occurrences: expected });
    expect(answers[1]).toEqual({ name: "", error: expect.stringContaining("not JSON") });
    expect(answers[2]).toEqual({ name: "html", error: expect.stringContaining("web page") });
    expect(answers[3]).toEqual({ name: "bomb", error: expect.stringContaining("more than 2000 occurrences") });
    expect(code).toBe(2);
  });
});
