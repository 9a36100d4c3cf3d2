import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeIf } from "../../support/require.ts";
import { type DebugListener, listen } from "./support/debug.ts";
import { type Editor, openEditor } from "./support/editor.ts";
import { type NodeRed, startNodeRed } from "./support/node-red.ts";

// Calendar files, an engine inside a real Node-RED, real restarts: what somebody has who only wants good calendar triggers.

const home = `version: 1
home: { id: flat, name: Flat, timeZone: America/New_York }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: alice, name: Alice, calendars: [work] }]
calendars:
  - { id: work, name: Work, ics: work.ics }
  - { id: bins, ics: bins.ics }
api: { port: 0 }
`;
const stamp = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
/** Instances begin on whole seconds. */
const inSeconds = (seconds: number) => Math.ceil(Date.now() / 1000 + seconds) * 1000;
const calendar = (...events: string[][]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...events.flatMap((lines) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"]), "END:VCALENDAR", ""].join(
    "\r\n",
  );
const event = (uid: string, start: number, ...lines: string[]) => [
  `UID:${uid}`,
  `SUMMARY:${uid}`,
  `DTSTART:${stamp(start)}`,
  `DTEND:${stamp(start + 3_600_000)}`,
  ...lines,
];
/** Today where the home is, as an all-day event has it. */
const today = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" }).format().replaceAll("-", "");
const paper = [`UID:paper`, "SUMMARY:Paper bin", `DTSTART;VALUE=DATE:${today}`, "TRANSP:TRANSPARENT"];

const place = { z: "tab", x: 0, y: 0 };
const show = (name: string) => ({
  ...place,
  id: `show-${name}`,
  type: "debug",
  name,
  active: true,
  tosidebar: true,
  complete: "true",
  targetType: "full",
  wires: [],
});
const node = (id: string, y: number, settings: object) => ({
  ...place,
  x: 300,
  y,
  id,
  type: "persona calendar",
  name: "",
  engine: "engine",
  subject: "",
  calendar: "",
  persona: "",
  text: "",
  busy: "",
  allDay: "",
  start: true,
  startOffset: "0",
  end: false,
  endOffset: "0",
  allDayAt: "",
  late: "15",
  hours: "24",
  wires: [["show-fired"], ["show-list"]],
  ...settings,
});
const flows = (more: object = {}) => [
  { id: "tab", type: "tab", label: "Calendars" },
  { id: "engine", type: "persona-engine", name: "", mode: "home", home: "home.yaml", url: "", secretNames: [] },
  {
    ...place,
    id: "ask",
    type: "inject",
    props: [{ p: "payload" }],
    payload: "",
    payloadType: "date",
    repeat: "",
    x: 100,
    y: 60,
    wires: [["meetings"]],
  },
  node("meetings", 60, { allDay: "timed", busy: "busy", ...more }),
  node("bins", 140, { calendar: "bins", text: "BIN", startOffset: "2880", wires: [["show-bins"], []] }),
  ...["fired", "list", "bins"].map(show),
];

let red: NodeRed;
let debug: DebugListener;
/** How long Node-RED last took to start, in seconds: machines differ, and what is due must not be due before it is up. */
let startTook = 0;
/** Starts Node-RED again, with another calendar that is made while it is down, perhaps not before a time. */
async function restart(work?: string | (() => string), notBefore = 0): Promise<void> {
  let down = 0;
  await red.restart(async () => {
    if (work !== undefined) await writeFile(join(red.userDir, "work.ics"), typeof work === "string" ? work : work());
    await sleep(Math.max(0, notBefore - Date.now()));
    down = Date.now();
  });
  debug.close();
  debug = await listen(red.url);
  startTook = (Date.now() - down) / 1_000;
}
const firedOf = (shown: { msg: unknown }) => shown.msg as { payload: Record<string, unknown> } & Record<string, unknown>;
const all = () => debug.shown.filter((s) => s.name === "fired").map((s) => firedOf(s).payload.summary);

beforeAll(async () => {
  red = await startNodeRed({
    async prepare(userDir) {
      await writeFile(join(userDir, "home.yaml"), home);
      await writeFile(join(userDir, "work.ics"), calendar());
      await writeFile(join(userDir, "bins.ics"), calendar(paper));
    },
  });
  debug = await listen(red.url);
  await red.deploy(flows());
  await debug.status("meetings", (status) => status.text === "nothing within 7 days");
}, 60_000);
afterAll(async () => {
  debug?.close();
  await red?.stop();
}, 30_000);

describe("calendar triggers in a real Node-RED", () => {
  it("list what is coming, with all that flows may want to know and nothing private", async () => {
    const start = inSeconds(3_600);
    await restart(
      calendar(
        event(
          "standup",
          start,
          "RRULE:FREQ=DAILY;COUNT=3",
          "LOCATION:Room 5",
          "CATEGORIES:Team",
          "URL:https://corp.zoom.us/j/1?pwd=secret",
          "DESCRIPTION:door code 4711",
        ),
        event("doctor", start + 60_000, "CLASS:PRIVATE", "LOCATION:Clinic"),
        event("lunch", start, "TRANSP:TRANSPARENT"),
      ),
    );
    await debug.status("meetings", (status) => /standup$/.test(status.text ?? ""));
    await red.inject("ask");
    const { payload, persona } = firedOf(await debug.next("list")) as unknown as { payload: object[]; persona: { calendars: object[] } };
    expect(payload).toHaveLength(2);
    expect(payload).toContainEqual({
      id: `standup_${stamp(start)}`,
      uid: "standup",
      summary: "standup",
      location: "Room 5",
      categories: ["Team"],
      calendar: "work",
      calendarName: "Work",
      subjects: ["alice"],
      start: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00$/),
      end: expect.stringMatching(/-0[45]:00$/),
      allDay: false,
      busy: "busy",
      status: "confirmed",
      isRecurring: true,
      minutesToStart: expect.any(Number),
      minutesToEnd: expect.any(Number),
      conference: { provider: "zoom", host: "corp.zoom.us" },
      meanings: expect.any(Array),
    });
    expect(payload).toContainEqual(expect.objectContaining({ uid: "doctor", summary: "", location: "", busy: "busy" }));
    expect(persona.calendars).toContainEqual(expect.objectContaining({ calendar: "work", status: "ok", problems: [] }));
    const told = JSON.stringify(payload);
    expect(told).not.toMatch(/secret|4711|Clinic/);
  }, 60_000);

  it("fire when it is time, and after a restart what became due meanwhile, each once", async () => {
    let down = 0;
    await restart(() => {
      const soon = inSeconds(2 + 2 * startTook);
      down = soon + 6_000 + 2_000 * startTook;
      return calendar(event("soon", soon), event("down", down), event("later", inSeconds(3_600)));
    });
    const first = await debug.next("fired");
    expect(firedOf(first)).toMatchObject({ topic: "work", event: "start", offset: 0, payload: { summary: "soon", minutesToEnd: 60 } });
    expect(all()).toEqual(["soon"]);
    await restart(undefined, down + 500);
    // What fires while flows start is shown before anybody listens, so the memory is asked instead.
    await debug.status("meetings", (status) => /later$/.test(status.text ?? ""));
    const file = join(red.userDir, "network-personas/calendar-meetings.json");
    const { fired } = JSON.parse(await readFile(file, "utf8")) as { fired: { id: string; due: number; at: number }[] };
    expect(fired.map((f) => f.id)).toEqual(["soon", "down"]);
    for (const { due, at } of fired) expect(at).toBeGreaterThanOrEqual(due);
    for (let i = 0; i < 2; i++) await red.deploy(flows());
    await debug.status("meetings", (status) => /later$/.test(status.text ?? ""));
    expect(all()).not.toContain("soon");
    expect((JSON.parse(await readFile(file, "utf8")) as { fired: object[] }).fired).toHaveLength(2);
  }, 90_000);

  it("show under the node and in the log what is wrong with a calendar, and what comes next", async () => {
    const bad = event("bad", 0).map((line) => line.replace(/^DTSTART.*/, "DTSTART:yesterday"));
    await restart(calendar(event("good", inSeconds(3_600)), bad));
    const status = await debug.status("meetings", (now) => (now.text ?? "").includes("good"));
    expect(status).toMatchObject({ fill: "yellow", text: expect.stringMatching(/^⚠ work: problems \(2\) · (\w+ )?\d\d:\d\d good$/) });
    expect(red.log()).toMatch(/Calendar work: 1 event had no start that could be read and was left out/);
    await restart("<html>log in</html>");
    const stale = await debug.status("meetings", (now) => /^⚠ work \d+ min old · .*good$/.test(now.text ?? ""));
    expect(stale.fill).toBe("yellow");
    expect(debug.statuses.get("bins")).not.toMatchObject({ fill: "yellow" });
  }, 90_000);

  it("forget a node that is deleted", async () => {
    const files = () => readdir(join(red.userDir, "network-personas"));
    expect(await files()).toContain("calendar-bins.json");
    await red.deploy(flows().filter(({ id }) => id !== "bins"));
    expect(await files()).toEqual(["calendar-meetings.json"]);
    await red.deploy(flows());
  }, 30_000);

  it("say what is wrong with a setting, and leave other nodes alone", async () => {
    await red.deploy(flows({ startOffset: "ten" }));
    await debug.status("meetings", (status) => status.text === "common.status.failed");
    expect(red.log()).toContain('"ten" is no list of minutes.');
    await red.deploy(flows());
  }, 30_000);
});

describeIf("chromium", "the dialog of a calendar node", () => {
  let editor: Editor | undefined;
  afterAll(() => editor?.close());
  it.each(["en-US", "de"])(
    "has every setting, checks what is typed, and speaks the language of the editor: %s",
    async (language) => {
      editor = await openEditor(red.url, language);
      await editor.loaded("meetings");
      await editor.edit("meetings");
      const { page } = editor;
      const form = page.locator(".red-ui-tray:last-child .red-ui-tray-body");
      await page.selectOption("#node-input-busy", "out-of-office");
      await page.selectOption("#node-input-allDay", "all-day");
      const isWrong = (field: string) => page.locator(`#node-input-${field}.input-error`).count();
      for (const [field, bad, good] of [
        ["startOffset", "ten", "-10, 0"],
        ["allDayAt", "25:00", "07:30"],
        ["late", "-1", "30"],
      ] as const) {
        await page.fill(`#node-input-${field}`, bad);
        await page.press(`#node-input-${field}`, "Tab");
        await expect.poll(() => isWrong(field)).toBe(1);
        await page.fill(`#node-input-${field}`, good);
        await page.press(`#node-input-${field}`, "Tab");
        await expect.poll(() => isWrong(field)).toBe(0);
      }
      const said = await form.textContent();
      expect(said?.match(/\b(?:common|label|placeholder|unit|output|option|check|palette)\.\w+|__\w+__/g) ?? []).toEqual([]);
      const pictures = process.env.NP_SCREENSHOTS;
      if (pictures) {
        await mkdir(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `calendar-${language}.png`) });
      }
      await page.click("#node-dialog-ok");
      await page.waitForSelector(".red-ui-tray", { state: "detached" });
      const kept = await page.evaluate(() => {
        const { RED } = window as unknown as { RED: { nodes: { node(id: string): Record<string, unknown> } } };
        const { startOffset, allDayAt, late, busy, allDay } = RED.nodes.node("meetings");
        return { startOffset, allDayAt, late, busy, allDay };
      });
      expect(kept).toEqual({ startOffset: "-10, 0", allDayAt: "07:30", late: "30", busy: "out-of-office", allDay: "all-day" });
      expect(editor.errors).toEqual([]);
      await editor.close();
      editor = undefined;
    },
    90_000,
  );
});
