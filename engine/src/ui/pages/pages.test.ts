import { expect, it } from "vitest";
import type { EngineState, HistoryEntry, RouterStatus, SubjectState, UpcomingEvent } from "../../model/index.ts";
import { hoursOf, type View } from "../view.ts";
import { Words } from "../words.ts";
import { now } from "./now.ts";
import { routers } from "./routers.ts";
import { today } from "./today.ts";

const timeZone = "Europe/Berlin";
const subject = (id: string, more: Partial<SubjectState> = {}): SubjectState => ({
  subject: id,
  name: id,
  appliesTo: "person",
  home: null,
  active: "everyday",
  decidedBy: "prediction",
  until: null,
  distribution: { everyday: 1 },
  evidence: [],
  next: null,
  ...more,
});
const view = (state: Partial<EngineState>, more: Partial<View> = {}): View => ({
  state: {
    home: { id: "home", name: "Home", timeZone },
    at: "2026-11-24T15:00:00.000Z",
    sequence: 1,
    control: "automatic",
    subjects: [subject("ann")],
    devices: [],
    plan: null,
    routers: [],
    calendars: [],
    today: { from: "2026-11-23T23:00:00.000Z", subjects: [], corrections: [] },
    hold: null,
    problems: [],
    ...state,
  },
  words: new Words("en", timeZone),
  personas: new Map([["everyday", "Everyday"]]),
  offered: [],
  ...more,
});
const count = (text: string, part: string) => text.split(part).length - 1;

it("the hours of a day stand where its clock shows them, also when it is put forward or back", () => {
  const hours = (from: string) => hoursOf(Date.parse(from), timeZone, [6, 24]).map((at) => new Date(at).toISOString());
  expect(hours("2026-03-28T23:00:00.000Z")).toEqual(["2026-03-29T04:00:00.000Z", "2026-03-29T22:00:00.000Z"]);
  expect(hours("2026-10-24T22:00:00.000Z")).toEqual(["2026-10-25T05:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
  expect(hours("2026-11-23T23:00:00.000Z")).toEqual(["2026-11-24T05:00:00.000Z", "2026-11-24T23:00:00.000Z"]);
});

it("Today shows two events at the same time as two, and what began before midnight from midnight on", () => {
  const event = (uid: string, start: string, end: string) =>
    ({ uid, subjects: ["ann"], summary: uid, start, end, allDay: false, meanings: [] }) as unknown as UpcomingEvent;
  const events = [
    event("workshop", "2026-11-24T08:00:00.000Z", "2026-11-24T11:00:00.000Z"),
    event("dentist", "2026-11-24T09:00:00.000Z", "2026-11-24T09:30:00.000Z"),
    event("lunch", "2026-11-24T11:00:00.000Z", "2026-11-24T12:00:00.000Z"),
  ];
  const slept: HistoryEntry = {
    kind: "label",
    subject: "ann",
    persona: "everyday",
    from: "2026-11-23T21:00:00.000Z",
    to: "2026-11-24T08:00:00.000Z",
    weight: 1,
    source: "router:main/traffic",
  };
  const { text } = today(view({}, { events, history: [slept] }));
  // One row for what was expected, one for what was, two for the calendar.
  expect(count(text, 'class="track"')).toBe(4);
  for (const said of ["09:00–12:00 workshop", "10:00–10:30 dentist", "12:00–13:00 lunch", "00:00–09:00 Everyday"])
    expect(text).toContain(said);
  expect(text).toContain("<time>Mon 23 Nov, 22:00–09:00</time>");
});

it("Now folds away a crowd of devices that do nothing in particular, and only those", () => {
  const devices = Array.from({ length: 100 }, (_, i) => subject(`plug-${i}`, { appliesTo: "device" }));
  const camera = subject("camera", { appliesTo: "device", active: "iot-device" });
  const { text } = now(view({ subjects: [subject("ann"), ...devices, camera] }));
  const [open = "", folded = ""] = text.split("Devices that do nothing in particular: 100");
  expect([count(open, "<section"), count(folded, "<section")]).toEqual([2, 100]);
  expect(open).toContain('data-key="camera"');
  expect(now(view({ subjects: devices.slice(0, 4) })).text).not.toContain("nothing in particular:");
});

it("Now offers everything else as well while something is set by hand, and to whom nothing is predicted for", () => {
  const persona = (id: string, appliesTo: "person" | "device" | "any", deviceKinds: string[] = []) =>
    ({ id, name: id, description: "", appliesTo, deviceKinds }) as const;
  const offered = [persona("everyday", "any"), persona("gamer", "person"), persona("iot-device", "device", ["camera"])];
  const shown = (more: Partial<SubjectState>) => {
    const { text } = now(
      view({ subjects: [subject("it", more)], devices: [{ device: "it", name: "It", kind: "tv", owner: null }] }, { offered }),
    );
    return [...text.matchAll(/data-persona="([^"]+)"/g)].map(([, id]) => id);
  };
  expect(shown({ decidedBy: "override", active: "gamer", distribution: { gamer: 1 } })).toEqual(["gamer", "everyday"]);
  expect(shown({ recorded: false })).toEqual(["everyday", "gamer"]);
  expect(shown({ appliesTo: "device" })).toEqual(["everyday"]);
});

it("Routers does not say that a router is as planned which did not answer, says when something was on another day, and why it was undone", () => {
  const router: RouterStatus = {
    router: "main",
    driver: "openwrt",
    mode: "live",
    reachable: false,
    identity: null,
    capabilities: null,
    foreign: [],
    error: null,
    lastOutcome: { router: "main", at: "2026-11-22T17:05:00.000Z", result: "unchanged", changes: [], omissions: [], took: 1 },
  };
  const plan = { plan: { at: "2026-11-24T15:00:00.000Z" }, reasons: [], refusals: [], routers: [] } as unknown as EngineState["plan"];
  const unasked = routers(view({ routers: [router], plan })).text;
  expect(unasked).toContain("Not known: the router has not answered yet.");
  expect(unasked).toContain("already as planned, Sun 22 Nov, 18:05");
  expect(routers(view({ routers: [{ ...router, reachable: true }], plan })).text).toContain("Nothing to change");
  expect(routers(view({ routers: [{ ...router, reachable: true }] })).text).toContain("There is no plan yet.");
  const undone = { ...router.lastOutcome!, result: "rolled-back" as const, error: { code: "rejected", message: "the router refused it" } };
  const shown = routers(
    view({ routers: [{ ...router, reachable: true, lastOutcome: undone as unknown as RouterStatus["lastOutcome"] }], plan }),
  );
  expect(shown.text).toContain("the router refused it");
});
