import { deviceKinds, Rate } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { Home, type HomeInput } from "../../model/index.ts";
import { kinds } from "./devices.ts";
import {
  type HomeDocument,
  idOf,
  kindOf,
  newPerson,
  ownerOf,
  rateText,
  withCalendar,
  withDevices,
  withLine,
  withMode,
  withoutCalendar,
  withPeople,
  withPersonas,
  withRouter,
} from "./edits.ts";

const start: HomeDocument = {
  version: 1,
  home: { timeZone: "Europe/Berlin" },
  wan: { down: "100 Mbit/s", up: "20 Mbit/s", assumed: true },
};
const withNew = (document: HomeDocument, ...names: string[]) =>
  names.reduce((home, name) => withPeople(home, [...(home.people ?? []), newPerson(name, home, home.people ?? [])]), document);
const understood = (document: HomeDocument) => Home.parse(document as unknown as HomeInput);

describe("ids and rates from what people type", () => {
  it("makes ids the home accepts, each once", () => {
    expect(idOf("Ann's MacBook Pro", new Set())).toBe("ann-s-macbook-pro");
    expect(idOf("Jörg", new Set(["jorg"]))).toBe("jorg-2");
    expect(idOf("נועה", new Set(), "person")).toBe("person");
    expect(idOf("3D printer", new Set())).toBe("d-printer");
  });

  it.each([
    ["100", "100 Mbit/s"],
    ["16,5", "16.5 Mbit/s"],
    ["1 Gbit/s", "1 Gbit/s"],
    ["50mbit", "50 Mbit/s"],
    [" 640 kbit/s ", "640 kbit/s"],
    ["250 Mbps", "250 Mbit/s"],
  ])("reads %j as %j, which the home understands", (typed, text) => {
    expect(rateText(typed)).toBe(text);
    expect(Rate.parse(text)).toBeGreaterThan(0);
  });

  it.each(["", "fast", "0", "-5", "100 MB/x", "1e9", "10 Tbit/s", "100 200"])("takes %j for no rate", (typed) => {
    expect(rateText(typed)).toBeNull();
  });
});

it("offers every kind of device there is", () => {
  expect([...kinds].sort()).toEqual([...deviceKinds].sort());
});

describe("what a name says about a device", () => {
  it.each([
    ["Anns-iPhone", "phone"],
    ["ipad-kitchen", "tablet"],
    ["LAPTOP-93KD2", "laptop"],
    ["PS5-livingroom", "console"],
    ["bravia-tv", "tv"],
    ["ESP_4A2F11 Espressif", "sensor"],
    ["wlan0 Nintendo", "console"],
    [" Apple", ""],
  ])("%s: %s", (hostname, kind) => expect(kindOf(hostname)).toBe(kind));

  it("finds the owner by a whole word only", () => {
    const people = [{ id: "ann", name: "Ann Smith" }, { id: "bo" }];
    expect([
      ownerOf("anns-laptop", people),
      ownerOf("laptop-of-ann", people),
      ownerOf("annex-printer", people),
      ownerOf("bo-phone", people),
    ]).toEqual(["ann", "ann", "", ""]);
  });
});

describe("edits of the home", () => {
  it("give a home that is understood, step by step, and keep what they do not touch", () => {
    let home = withRouter({ ...start, predictor: "additive" }, { id: "main", driver: "virtual" });
    home = withLine(home, "50 Mbit/s", "10 Mbit/s");
    expect(home.wan).toEqual({ down: "50 Mbit/s", up: "10 Mbit/s" });
    home = withNew(home, "Ann", "Bob");
    home = withDevices(home, [
      { mac: "02:00:00:00:02:11", name: "Ann's laptop", kind: "laptop", owner: "ann" },
      { mac: "02:00:00:00:02:12", name: "", kind: "phone", owner: "bob" },
      { mac: "02:00:00:00:02:13", name: "", kind: "", owner: "network" },
      { mac: "02:00:00:00:02:14", name: "guest", kind: "phone", owner: "" },
      { mac: "02:00:00:00:02:15", name: "TV", kind: "tv", owner: "nobody" },
    ]);
    home = withCalendar(home, { id: "work", ics: "./ann.ics" }, "ann");
    home = withPersonas(home, ["gamer", "everyday"]);
    const parsed = understood(home);
    expect(parsed.people.map((p) => [p.id, p.devices, p.calendars])).toEqual([
      ["ann", ["ann-s-laptop"], ["work"]],
      ["bob", ["phone"], []],
    ]);
    expect(parsed.devices.map((d) => [d.id, d.kind, d.infrastructure])).toEqual([
      ["ann-s-laptop", "laptop", false],
      ["phone", "phone", false],
      ["device", "other", true],
      ["tv", "tv", false],
    ]);
    expect([parsed.predictor, parsed.routers[0]!.mode, parsed.policy.personas]).toEqual(["additive", "preview", ["gamer", "everyday"]]);
    expect(understood(withMode(home, "live")).routers[0]!.mode).toBe("live");
    expect(withPersonas(home, null)).not.toHaveProperty("policy");
    expect(understood(withoutCalendar(withPeople(home, home.people!.slice(0, 1)), "work")).people.map((p) => p.calendars)).toEqual([[]]);
  });

  it("leaves alone whom somebody else added or removed meanwhile", () => {
    const before = withNew(start, "Ann", "Bob").people!;
    const theirs = withNew({ ...start, people: before.slice(0, 1) }, "Xenia");
    const ours = [...before, newPerson("Yuri", start, before)];
    expect(withPeople(theirs, ours, before).people!.map(({ id }) => id)).toEqual(["ann", "xenia", "yuri"]);
    expect(withPeople(theirs, before.slice(1), before).people!.map(({ id }) => id)).toEqual(["xenia"]);
  });

  it("moves a known device to whom it is given, under the id it has", () => {
    const before = withDevices(withNew(start, "Ann", "Bob"), [{ mac: "02:00:00:00:02:11", name: "Laptop", kind: "laptop", owner: "ann" }]);
    const after = understood(withDevices(before, [{ mac: "02:00:00:00:02:11", name: "Old laptop", kind: "laptop", owner: "bob" }]));
    expect(after.devices).toMatchObject([{ id: "laptop", name: "Old laptop" }]);
    expect(after.people.map((p) => p.devices)).toEqual([[], ["laptop"]]);
  });

  it("takes out a device that is left out, and leaves one that was not seen", () => {
    const seen = (mac: string, owner: string) => ({ mac, name: mac.slice(-2), kind: "phone", owner });
    const before = withDevices(withNew(start, "Ann"), [seen("02:00:00:00:02:aa", "ann"), seen("02:00:00:00:02:bb", "ann")]);
    const after = understood(withDevices(before, [seen("02:00:00:00:02:aa", "")]));
    expect([after.devices.map((d) => d.id), after.people[0]!.devices]).toEqual([["bb"], ["bb"]]);
  });

  it("gives a device that was said to be one from before its new address, and nothing else", () => {
    const seen = (mac: string, more: object = {}) => ({ mac, name: "x", kind: "phone", owner: "ann", ...more });
    const before = withDevices(withNew(start, "Ann"), [{ ...seen("02:00:00:00:02:aa"), name: "Phone" }]);
    const same = withDevices(before, [seen("02:00:00:00:02:bb", { same: "phone", owner: "" })]);
    expect(understood(same).devices).toMatchObject([{ id: "phone", name: "Phone", macs: ["02:00:00:00:02:aa", "02:00:00:00:02:bb"] }]);
    expect(withDevices(same, [seen("02:00:00:00:02:bb", { same: "phone" })])).toEqual(same);
    expect(withDevices(before, [seen("02:00:00:00:02:bb", { same: "gone" })])).toEqual(before);
  });

  it("makes no second device of one that comes with an address it counts as already", () => {
    const before = withDevices(withNew(start, "Ann"), [{ mac: "02:00:00:00:02:aa", name: "Phone", kind: "phone", owner: "ann" }]);
    const after = withDevices(before, [{ mac: "02:00:00:00:02:bb", name: "Telly", kind: "tv", owner: "nobody", countsAs: "phone" }]);
    expect(understood(after).devices).toMatchObject([{ id: "phone", name: "Telly", kind: "tv", macs: ["02:00:00:00:02:aa"] }]);
  });

  it("replaces the router of the same id and no other", () => {
    const two = withRouter(withRouter(start, { id: "main", driver: "openwrt" }), { id: "attic", driver: "virtual" });
    expect(withRouter(two, { id: "main", driver: "unifi" }).routers).toEqual([
      { id: "main", driver: "unifi" },
      { id: "attic", driver: "virtual" },
    ]);
  });
});
