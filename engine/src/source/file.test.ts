import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestClock } from "../testing/test-clock.ts";
import { type CalendarSource, fileCopyStore, openCalendar } from "./index.ts";
import { acquireExpander, releaseExpander } from "./shared-expander.ts";

const text = (title: string): string =>
  `BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:${title}\nDTSTART:20261122T180000Z\nEND:VEVENT\nEND:VCALENDAR\n`;
let folder: string;
let source: CalendarSource | undefined;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const clock = new TestClock("2026-11-22T12:00:00Z");
const open = async (ics: string): Promise<CalendarSource> => {
  source = await openCalendar(
    { id: "home", refresh: 900_000, ics },
    { clock, log: quiet, dataDir: join(folder, "data"), folder, timeZone: "Europe/Berlin" },
  );
  return source;
};
const titles = async (): Promise<string[]> =>
  (await source!.occurrences("2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z")).map((o) => o.summary);

beforeAll(() => {
  acquireExpander(); // one worker for all tests
});
afterAll(releaseExpander);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-file-"));
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  await rm(folder, { recursive: true, force: true });
});

describe("a calendar in a file", () => {
  it("is read again as soon as it changes, relative to the home's folder", async () => {
    const file = join(folder, "my calendar.ics");
    await writeFile(file, text("First"));
    await open("./my calendar.ics");
    await source!.refresh();
    expect(await titles()).toEqual(["First"]);
    await writeFile(file, text("Second, longer"));
    await source!.refresh();
    expect(await titles()).toEqual(["Second, longer"]);
    await writeFile(file, text("Another lengt."));
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    await source!.refresh();
    expect(await titles()).toEqual(["Another lengt."]);
  });
  it("keeps its last good copy while it is missing or half written, and says why", async () => {
    const file = join(folder, "cal.ics");
    await writeFile(file, text("Good"));
    await open(pathToFileURL(file).href);
    await source!.refresh();
    await writeFile(file, "");
    await source!.refresh();
    expect(source!.status()).toMatchObject({ status: "stale", problems: [expect.stringContaining("it is empty")] });
    await rm(file);
    await source!.refresh();
    expect(source!.status().problems[0]).toContain("there is no file");
    expect(await titles()).toEqual(["Good"]);
  });
  it("keeps neither descriptions nor people in its copy, and reads the copy as it read the file", async () => {
    const more = [
      "DESCRIPTION:door code 4711, https://corp.zoom.us/j/1?pwd=secret",
      "ATTENDEE;CN=Carol:mailto:carol@corp.example",
      "X-NOTE:secret",
    ].join("\n");
    await writeFile(join(folder, "cal.ics"), text("Talk").replace("END:VEVENT", `${more}\nEND:VEVENT`));
    await open("cal.ics");
    await source!.refresh();
    const all = () => source!.occurrences("2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z");
    const before = await all();
    expect(before).toMatchObject([{ summary: "Talk", conferenceHost: "corp.zoom.us", domains: ["corp.example"] }]);
    await source!.close();
    const files = await readdir(join(folder, "data"));
    const kept = await Promise.all(files.map((file) => readFile(join(folder, "data", file), "utf8")));
    expect(kept.join()).toContain("SUMMARY:Talk");
    expect(kept.join()).not.toMatch(/4711|secret|carol/i);
    await rm(join(folder, "cal.ics"));
    await open("cal.ics");
    expect(await all()).toEqual(before);
  });
  it("refuses addresses that mean nothing", async () => {
    for (const address of ["ftp://host/cal.ics", "https://", ""])
      await expect(open(address), address).rejects.toMatchObject({ code: "bad-input", field: expect.stringContaining("calendars.home") });
  });
});

describe("kept copies", () => {
  const copy = (title: string) => ({ origin: "o", text: text(title), fetchedAt: "2026-11-22T12:00:00.000Z", state: { etag: '"1"' } });
  it("come back as they were, one text each, for nobody else to read", async () => {
    const data = join(folder, "copies");
    const store = fileCopyStore(data);
    expect(await store.get("work")).toBeUndefined();
    await store.put("work", copy("One"));
    await store.put("work-2", copy("Other"));
    await store.put("work", copy("Two"));
    expect(await store.get("work")).toEqual(copy("Two"));
    expect(await store.get("work-2")).toEqual(copy("Other"));
    const names = await readdir(data);
    expect(names.filter((n) => n.endsWith(".ics"))).toHaveLength(2);
    for (const name of names) expect((await stat(join(data, name))).mode & 0o077, name).toBe(0);
  });
  it("are none when they are damaged", async () => {
    const data = join(folder, "copies");
    const store = fileCopyStore(data);
    await store.put("work", copy("One"));
    for (const damage of ["{", "{}", '{"version":1,"origin":"o","fetchedAt":"x","state":null,"text":"../../etc/passwd"}']) {
      await writeFile(join(data, "work.json"), damage);
      expect(await store.get("work"), damage).toBeUndefined();
    }
    await store.put("work", copy("One"));
    for (const name of await readdir(data)) if (name.endsWith(".ics")) await rm(join(data, name));
    expect(await store.get("work")).toBeUndefined();
  });
  it("leave the old one when the new one cannot be written", async () => {
    const data = join(folder, "copies");
    const store = fileCopyStore(data);
    await store.put("work", copy("One"));
    const before = await readFile(join(data, "work.json"), "utf8");
    await rm(join(data, "work.json"));
    await mkdir(join(data, "work.json", "in the way"), { recursive: true });
    await expect(store.put("work", copy("Two"))).rejects.toThrow();
    expect((await readdir(data)).filter((n) => n.endsWith(".tmp"))).toEqual([]);
    await rm(join(data, "work.json"), { recursive: true });
    await writeFile(join(data, "work.json"), before);
    expect(await store.get("work")).toEqual(copy("One"));
  });
});
