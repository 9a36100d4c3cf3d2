import { expect, it } from "vitest";
import { elementText, isLeased, keyOf, parseSets, setTexts, withTime } from "./nft.ts";

// What nft 1.0.6 prints for `nft -j list table`.
const listing = {
  nftables: [
    { metainfo: { version: "1.0.6" } },
    { table: { family: "inet", name: "network_personas", handle: 1 } },
    { set: { name: "strict", type: "ether_addr" } },
    { map: { name: "mark_of", type: "ether_addr", map: "mark", elem: [["02:00:00:00:00:11", 1313865744]] } },
    { set: { name: "app_blocked", elem: [{ concat: ["02:00:00:00:00:11", "tcp", { range: [80, 90] }] }] } },
    { set: { name: "no_dot", elem: ["02:00:00:00:00:12", { elem: { val: "02:00:00:00:00:11", timeout: 900, expires: 17 } }] } },
    {
      map: {
        name: "told_zoom",
        map: "verdict",
        elem: [[{ elem: { val: "02:00:00:00:00:11", timeout: 900, expires: 899 } }, { jump: { target: "refuse_new" } }]],
      },
    },
    { set: { name: "counted_up", elem: [{ elem: { val: 1313865744, counter: { packets: 3, bytes: 180 } } }] } },
  ],
};

it("elements are read as they are written", () => {
  const sets = parseSets(listing);
  expect([...sets.keys()]).toEqual(["strict", "mark_of", "app_blocked", "no_dot", "told_zoom", "counted_up"]);
  expect(sets.get("strict")).toEqual([]);
  expect(sets.get("mark_of")!.map(elementText)).toEqual(["02:00:00:00:00:11 : 0x4e500010"]);
  expect(sets.get("app_blocked")!.map(elementText)).toEqual(["02:00:00:00:00:11 . tcp . 80-90"]);
  expect(sets.get("no_dot")!.map(elementText)).toEqual(["02:00:00:00:00:12", "02:00:00:00:00:11 timeout"]);
  expect(sets.get("told_zoom")!.map(elementText)).toEqual(["02:00:00:00:00:11 timeout : jump refuse_new"]);
  expect(sets.get("counted_up")).toEqual([{ key: "0x4e500010", bytes: 180 }]);
  expect(setTexts(listing)).toMatchObject({ strict: [], no_dot: ["02:00:00:00:00:11 timeout", "02:00:00:00:00:12"] });
});
it("something else than a list of nft is refused", () => {
  expect(() => parseSets("<html>")).toThrow();
  expect(() => parseSets({ nftables: [{ map: { name: "mark_of", elem: ["02:00:00:00:00:11"] } }] })).toThrow();
});

it("what runs out says so, and what it is stays the same", () => {
  const [leased, kept] = ["02:00:00:00:00:11 timeout : jump refuse_new", "02:00:00:00:00:11 . tcp . 80-90"];
  expect([leased, kept].map(isLeased)).toEqual([true, false]);
  expect([leased, kept].map(keyOf)).toEqual(["02:00:00:00:00:11", kept]);
  expect([leased, kept].map((element) => withTime(element, 900))).toEqual(["02:00:00:00:00:11 timeout 900s : jump refuse_new", kept]);
});
