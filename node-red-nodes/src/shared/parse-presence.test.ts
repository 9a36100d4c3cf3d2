import { describe, expect, it } from "vitest";
import { BadMessage } from "./bad-message.ts";
import { directory } from "./fixtures/directory.ts";
import { parsePresence } from "./parse-presence.ts";

const at = "2026-11-22T18:00:00.000Z";
const read = (payload: unknown, more: { topic?: string; subject?: string; ttl?: number } = {}) =>
  parsePresence(payload, { directory, source: "test", at, topic: "presence/alice-laptop", ...more }).map(
    ({ source: _, ...signal }) => signal,
  );
const laptop = (present: boolean) => [{ kind: "presence", subject: "alice-laptop", present, at }];

describe("presence messages", () => {
  it.each([
    true,
    1,
    "1",
    "true",
    "on",
    "ON",
    "home",
    "Online",
    "connected",
    "detected",
    " zuhause ",
    Buffer.from("home"),
    '{"present":true}',
  ])("takes %j as here", (payload) => {
    expect(read(payload)).toEqual(laptop(true));
  });
  it.each([false, 0, "0", "off", "away", "not_home", "offline", "abwesend", '"away"'])("takes %j as gone", (payload) => {
    expect(read(payload)).toEqual(laptop(false));
  });
  it.each([
    { present: true },
    { presence: "true" },
    { state: "home" },
    { occupancy: true, linkquality: 90 },
    { connected: 1 },
    { status: "online" },
  ])("reads %j", (payload) => {
    expect(read(payload)).toEqual(laptop(true));
  });
  it("believes nothing of what is unknown", () => {
    expect(read("unavailable")).toEqual([]);
    expect(read({ entity_id: "device_tracker.alice_phone", state: "unknown" })).toEqual([]);
  });
  it.each([null, undefined, "", 7, { temperature: 21 }, { present: null }, {}])("refuses %j and says what was expected", (payload) => {
    expect(() => read(payload)).toThrow(expect.objectContaining({ name: "BadMessage", key: "presence" }));
  });
  it("takes the subject of the node before that of the message before the topic", () => {
    expect(read({ device: "tv", present: true }, { subject: "bob" })[0]).toMatchObject({ subject: "bob" });
    expect(read({ device: "tv", present: true })[0]).toMatchObject({ subject: "tv" });
    expect(read({ mac: "02-00-00-00-00-31", present: true })[0]).toMatchObject({ subject: "tv" });
  });
  it("finds the subject in topics of common senders", () => {
    expect(read("home", { topic: "home/presence/Alice" })[0]).toMatchObject({ subject: "alice" });
    expect(read("home", { topic: "owntracks/alice/phone" })[0]).toMatchObject({ subject: "alice-phone" });
    expect(read("home", { topic: "device_tracker.alice_phone" })[0]).toMatchObject({ subject: "alice-phone" });
    expect(read("home", { topic: "dhcp/02:00:00:00:00:31" })[0]).toMatchObject({ subject: "tv" });
    expect(read("home", { topic: "Jürgen" })[0]).toMatchObject({ subject: "jurgen" });
  });
  it("names an unknown subject instead of guessing", () => {
    expect(() => read("home", { topic: "presence/carol" })).toThrow(new BadMessage("unknownSubject", { got: "presence/carol" }));
    expect(() => parsePresence("home", { directory, source: "test", at })).toThrow(new BadMessage("noSubject"));
  });
  it("takes a place for a person as a location", () => {
    expect(read("Office", { topic: "alice" })).toEqual([{ kind: "location", subject: "alice", place: "Office", at }]);
  });
  it("takes a phone elsewhere as gone, with its owner there", () => {
    expect(read("Office", { topic: "alice-phone" })).toEqual([
      { kind: "presence", subject: "alice-phone", present: false, at },
      { kind: "location", subject: "alice", place: "Office", at },
    ]);
  });
  it("reads state changes of Home Assistant in their three wrappings", () => {
    const change = { entity_id: "person.alice", old_state: { state: "home" }, new_state: { state: "not_home" } };
    const gone = [{ kind: "presence", subject: "alice", present: false, at }];
    expect(read(change)).toEqual(gone);
    expect(read({ event_type: "state_changed", data: change })).toEqual(gone);
    expect(read({ event: change })).toEqual(gone);
  });
  it("reads OwnTracks with the time it was measured", () => {
    const topic = "owntracks/alice/iphone";
    const then = "2026-11-22T17:40:00.000Z";
    const tst = Date.parse(then) / 1000;
    const person = { kind: "presence", subject: "alice", at: then };
    expect(read({ _type: "transition", event: "enter", desc: "Home", tst }, { topic })).toEqual([{ ...person, present: true }]);
    expect(read({ _type: "transition", event: "leave", desc: "Home", tst }, { topic })).toEqual([{ ...person, present: false }]);
    expect(read({ _type: "transition", event: "leave", desc: "Office", tst }, { topic })).toEqual([]);
    expect(read({ _type: "location", inregions: ["Garden", "home"], tst }, { topic })).toEqual([{ ...person, present: true }]);
    expect(read({ _type: "location", inregions: [], tst }, { topic })).toEqual([{ ...person, present: false }]);
    expect(read({ _type: "location", lat: 1, lon: 2, tst }, { topic })).toEqual([]);
    expect(read({ _type: "lwt", tst }, { topic })).toEqual([]);
  });
  it("reads lists and maps of devices", () => {
    const both = [
      { kind: "presence", subject: "alice-phone", present: true, at },
      { kind: "presence", subject: "tv", present: false, at },
    ];
    expect(read({ "alice-phone": true, TV: "off", unrelated: 3 })).toEqual(both);
    expect(
      read([
        { device: "alice-phone", present: true },
        { device: "tv", present: false },
      ]),
    ).toEqual(both);
  });
  it("says until when it holds", () => {
    expect(read(true, { ttl: 600 })[0]).toMatchObject({ expiresAt: "2026-11-22T18:10:00.000Z" });
  });
});
