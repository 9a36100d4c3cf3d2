import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CalendarConfig, type CalendarStatus } from "../model/index.ts";
import { CalendarDesk } from "./calendar-desk.ts";
import { Secrets } from "./secrets.ts";
import { silentLog } from "./system.ts";
import { VirtualClock } from "./virtual-clock.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const calendar = (...events: string[][]): string =>
  ["BEGIN:VCALENDAR", ...events.flatMap((lines) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"]), "END:VCALENDAR"].join("\r\n");
const daily = ["UID:d", "SUMMARY:Daily", "DTSTART:20260501T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"];
const everySecond = ["UID:s", "DTSTART:20260610T080000Z", "RRULE:FREQ=SECONDLY"];
const config = CalendarConfig.parse({ id: "work", ics: "work.ics" });

let folder: string;
let clock: VirtualClock;
let desk: CalendarDesk;
let told: CalendarStatus[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-calendar-desk-"));
  clock = new VirtualClock("2026-06-01T12:00:00Z");
  told = [];
});
afterEach(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});
async function open(text: string, unkept: readonly string[] = []): Promise<void> {
  await writeFile(join(folder, "work.ics"), text);
  desk = new CalendarDesk({
    calendars: [config],
    unkept: new Set(unkept),
    timeZone: "Europe/Berlin",
    conferenceHosts: [],
    folder,
    dataDir: join(folder, "data"),
    secrets: new Secrets(folder),
    clock,
    log: silentLog,
    onChange: (status) => told.push(status),
  });
  await desk.open();
}
const iso = (ms: number) => new Date(clock.now() + ms).toISOString();

describe("the calendars of a home", () => {
  it("are asked for any time, also beyond what is held", async () => {
    await open(calendar(daily));
    const found = await desk.between(iso(9 * day), iso(12 * day));
    expect(found.get("work")?.map((o) => o.start.slice(0, 10))).toEqual(["2026-06-11", "2026-06-12", "2026-06-13"]);
    expect((await desk.between(iso(-9 * day), iso(-8 * day))).get("work")).toHaveLength(1);
  });
  it("are expanded again when their text changed or time went on, and not with every look", async () => {
    await open(calendar(daily));
    const held = desk.occurrences.get("work")!;
    await clock.advance(5 * hour);
    await desk.refresh(config);
    expect(desk.occurrences.get("work")).toBe(held);
    expect(held.at(-1)!.start > iso(24 * hour)).toBe(true);
    await clock.advance(2 * hour);
    await desk.refresh(config);
    expect(desk.occurrences.get("work")).not.toBe(held);
    await writeFile(join(folder, "work.ics"), calendar([...daily.slice(0, -1), "RRULE:FREQ=DAILY;COUNT=1"]));
    await desk.refresh(config);
    expect(desk.occurrences.get("work")).toEqual([]);
  });
  it("tell what was cut off in any window, and do not change their mind with who asks", async () => {
    await open(calendar(daily, everySecond));
    expect(desk.statuses()[0]?.problems).toEqual([]);
    await desk.between(iso(7 * day), iso(10 * day));
    await desk.refresh(config);
    expect(desk.statuses()[0]?.problems).toEqual([
      expect.stringMatching(/more than 2000 occurrences in the window; the rest was left out/),
    ]);
    const before = told.length;
    for (let i = 0; i < 3; i++) {
      await clock.advance(minute);
      await desk.refresh(config);
      await desk.between(iso(7 * day), iso(10 * day));
    }
    expect(told.length).toBe(before);
  });
  it("leave no copy of one that is no longer listed, nor of one of which none is to be kept", async () => {
    const copies = async () => (await readdir(join(folder, "data"))).sort();
    await mkdir(join(folder, "data"));
    for (const name of ["old.json", "old.0123456789abcdef.ics", "work.2.json"]) await writeFile(join(folder, "data", name), "{}");
    await open(calendar(daily));
    expect(await copies()).toEqual([expect.stringMatching(/^work\.[0-9a-f]{16}\.ics$/), "work.json"]);
    await desk.close();
    await open(calendar(daily), ["work"]);
    expect([await copies(), desk.occurrences.get("work")!.length > 0]).toEqual([[], true]);
  });
  it("tell once that a copy is in use, and always how old it is", async () => {
    await open(calendar(daily));
    await writeFile(join(folder, "work.ics"), "<html>log in</html>");
    await clock.advance(minute);
    await desk.refresh(config);
    expect(told.at(-1)).toMatchObject({ status: "stale", problems: [expect.stringMatching(/web page.*\(1 min old\)$/)] });
    const before = told.length;
    await clock.advance(minute);
    await desk.refresh(config);
    expect(desk.statuses()[0]?.problems).toEqual([expect.stringMatching(/\(2 min old\)$/)]);
    expect(told.length).toBe(before);
  });
});
