import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type CalendarSource, openCalendar } from "../../engine/src/source/index.ts";
import { TestClock } from "../../engine/src/testing/test-clock.ts";
import { describeIf } from "../support/require.ts";
import { type Radicale, startRadicale } from "./radicale.ts";

const minute = 60_000;
const from = "2026-11-22T00:00:00.000Z";
const to = "2026-11-29T00:00:00.000Z";
const said: string[] = [];
const log = { debug: keep, info: keep, warn: keep, error: keep };
function keep(message: string): void {
  said.push(message);
}

const event = (...lines: string[]): string => ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", ...lines, "END:VEVENT"].join("\r\n");
const object = (...events: string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", ...events, "END:VCALENDAR", ""].join("\r\n");
const dentist = (start: string): string => object(event("UID:dentist", "SUMMARY:Dentist", `DTSTART:${start}`, "DURATION:PT1H"));
const series = (...overrides: string[]): string =>
  object(
    event(
      "UID:standup",
      "SUMMARY:Stand-up",
      "DTSTART;TZID=Europe/Berlin:20261102T090000",
      "DURATION:PT15M",
      "RRULE:FREQ=WEEKLY;BYDAY=MO,TU",
    ),
    ...overrides,
  );

describeIf("radicale", "CalDAV against a real Radicale", () => {
  let server: Radicale;
  let clock: TestClock;
  let dataDir: string;
  const open = async (login: { url?: string; password?: string } = {}): Promise<CalendarSource> => {
    const { url, username, password } = { ...server, ...login };
    const source = await openCalendar(
      { id: "work", refresh: 15 * minute, caldav: { url, username, password } },
      { clock, log, dataDir, timeZone: "Europe/Berlin", random: () => 0 },
    );
    opened.push(source);
    return source;
  };
  const opened: CalendarSource[] = [];
  const shown = async (source: CalendarSource): Promise<string[]> =>
    (await source.occurrences(from, to)).map((o) => `${o.start.slice(5, 16)} ${o.summary}`);

  beforeAll(async () => {
    server = await startRadicale();
    await server.makeCalendar("job", "Job");
    await server.makeCalendar("club", "Sports, club");
  }, 30_000);
  beforeEach(async () => {
    clock = new TestClock("2026-11-22T12:00:00Z");
    dataDir = await mkdtemp(join(tmpdir(), "np-calendar-"));
    await server.put("job", "dentist.ics", dentist("20261124T100000Z"));
    await server.put("job", "standup.ics", series());
    await server.put("club", "run", object(event("UID:run", "SUMMARY:Run", "DTSTART;VALUE=DATE:20261125")));
    return async () => {
      for (const source of opened.splice(0)) await source.close();
      await rm(dataDir, { recursive: true, force: true });
    };
  });
  afterAll(async () => {
    await server.stop();
  });

  it("reads every calendar of the account, objects without .ics in their name too", async () => {
    const source = await open();
    await source.refresh();
    expect(source.status()).toMatchObject({ status: "ok", fetchedAt: "2026-11-22T12:00:00.000Z", events: 3, problems: [] });
    expect(await shown(source)).toEqual(["11-23T08:00 Stand-up", "11-24T08:00 Stand-up", "11-24T10:00 Dentist", "11-24T23:00 Run"]);
    const names = (await source.occurrences(from, to)).map((o) => o.calendarName);
    expect(new Set(names)).toEqual(new Set(["Job", "Sports, club"]));
  });

  it("reads one calendar when its own address is given", async () => {
    const source = await open({ url: new URL("/alice/club/", server.url).href });
    await source.refresh();
    expect(await shown(source)).toEqual(["11-24T23:00 Run"]);
  });

  it("follows what is moved, overridden and deleted while we run", async () => {
    const source = await open();
    await source.refresh();
    await server.put("job", "dentist.ics", dentist("20261126T140000Z"));
    await server.put(
      "job",
      "standup.ics",
      series(
        event(
          "UID:standup",
          "SUMMARY:Stand-up (late)",
          "RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000",
          "DTSTART;TZID=Europe/Berlin:20261124T113000",
          "DURATION:PT15M",
        ),
      ),
    );
    await source.refresh();
    expect(await shown(source), "not asked before it is time").toContain("11-24T10:00 Dentist");
    await clock.advance(15 * minute);
    await source.refresh();
    expect(await shown(source)).toEqual(["11-23T08:00 Stand-up", "11-24T10:30 Stand-up (late)", "11-24T23:00 Run", "11-26T14:00 Dentist"]);
    await server.remove("job", "dentist.ics");
    await source.refresh({ force: true });
    expect(await shown(source)).not.toContain("11-26T14:00 Dentist");
    expect(source.status().events).toBe(3);
  });

  it("reads everything again when the server no longer knows the sync-token", async () => {
    const source = await open();
    await source.refresh();
    await server.forgetTokens("job");
    await server.remove("job", "dentist.ics");
    await server.put("job", "new.ics", object(event("UID:new", "SUMMARY:New", "DTSTART:20261127T080000Z")));
    await source.refresh({ force: true });
    expect(source.status()).toMatchObject({ status: "ok" });
    expect(await shown(source)).toEqual(["11-23T08:00 Stand-up", "11-24T08:00 Stand-up", "11-24T23:00 Run", "11-27T08:00 New"]);
    await server.remove("job", "new.ics");
  });

  it("says that the login is wrong, does not hammer the server, and keeps what it had", async () => {
    await (await open()).refresh();
    const source = await open({ password: "wrong secret" });
    expect(await shown(source), "the copy of the last run is there before the first answer").toContain("11-24T10:00 Dentist");
    await source.refresh();
    const { status, problems } = source.status();
    expect(status).toBe("stale");
    expect(problems[0]).toMatch(/login.*wrong/);
    expect(problems[0]).toContain("2026-11-22T12:00:00.000Z is used");
    expect(await shown(source)).toContain("11-24T10:00 Dentist");
    expect([...said, ...problems].join("\n")).not.toContain("wrong secret");
  });

  it("shows the last good copy with its age while the server is away, also after a restart", async () => {
    await (await open()).refresh();
    await server.stop();
    try {
      await clock.advance(180 * minute);
      const source = await open();
      await source.refresh();
      expect(source.status()).toMatchObject({ status: "stale", events: 3, fetchedAt: "2026-11-22T12:00:00.000Z" });
      expect(source.status().problems[0]).toMatch(/refuses connections there.*3 h old/);
      expect(await shown(source)).toContain("11-24T10:00 Dentist");
      await server.start();
      await clock.advance(minute);
      await source.refresh();
      expect(source.status()).toMatchObject({ status: "ok", fetchedAt: "2026-11-22T15:01:00.000Z" });
    } finally {
      await server.start().catch(() => {});
    }
  });

  it("writes neither address nor password nor descriptions into its copy", async () => {
    const call = ["UID:call", "SUMMARY:Call", "DTSTART:20261124T150000Z", "DESCRIPTION:code 4711 https://corp.zoom.us/j/1?pwd=secret"];
    await server.put("job", "call.ics", object(event(...call)));
    const source = await open();
    await source.refresh();
    expect(await source.occurrences(from, to)).toContainEqual(expect.objectContaining({ summary: "Call", conferenceHost: "corp.zoom.us" }));
    await server.remove("job", "call.ics");
    await source.close();
    const files = await readdir(dataDir);
    expect(files.length).toBeGreaterThan(1);
    const kept = await Promise.all(files.map((file) => readFile(join(dataDir, file), "utf8")));
    expect(kept.join("\n")).toContain("SUMMARY:Call");
    expect(kept.join("\n")).not.toContain(server.password);
    expect(kept.join("\n")).not.toMatch(/4711|secret/);
  });
});
