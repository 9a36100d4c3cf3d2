import { say, verbatim } from "@network-personas/engine/model";
import { neutralDevice, samplePlan } from "@network-personas/engine/testing";
import { expect, it } from "vitest";
import { elementChanges, namesIn, tableChange, treeChanges } from "./kernel-changes.ts";

const mac = "02:00:00:00:00:11";
const nameOf = namesIn(samplePlan([neutralDevice("laptop", [mac])]));

it("elements that come and go are told by the names of their devices", () => {
  const summaries = (set: string, held: string[], wanted: string[]) =>
    elementChanges(set, held, wanted, nameOf).map(({ summary }) => summary);
  expect(summaries("blocked", [], [mac])).toEqual(["Refuse new connections of laptop"]);
  expect(summaries("blocked", [mac, "02:00:00:00:00:99"], [mac])).toEqual(["Allow connections of 02:00:00:00:00:99"]);
  expect(summaries("strict", [mac], [`${mac} timeout`])).toEqual([
    "Lift the strict firewall from laptop",
    "Allow nothing but what is listed to laptop (as long as it is renewed)",
  ]);
  expect(summaries("app_blocked", [], [`${mac} . tcp . 80-90 timeout`])).toEqual([
    "Refuse ports to laptop tcp 80-90 (as long as it is renewed)",
  ]);
  expect(summaries("mark_of", [], [`${mac} : 0x4e500010`])).toEqual(["Know by its address laptop 0x4e500010"]);
  expect(summaries("dscp_46", [], [mac])).toEqual(["Mark (dscp 46) laptop"]);
  expect(elementChanges("told", [], [`${mac} timeout`], nameOf, { on: "putTold", off: "takeTold" })).toMatchObject([
    {
      action: "add",
      target: `told ${mac} timeout`,
      before: null,
      after: `${mac} timeout`,
      summary: "Tell applications by name for laptop (as long as it is renewed)",
    },
  ]);
});

it("what changes is told in the language of who reads", () => {
  const inGerman = (set: string, wanted: string[]) =>
    elementChanges(set, [], wanted, nameOf).map(({ said }) => say(said!, { language: "de" }));
  expect(inGerman("blocked", [`${mac} timeout`])).toEqual(["Neue Verbindungen ablehnen: laptop (solange es erneuert wird)"]);
  expect(inGerman("dscp_46", [mac])).toEqual(["Kennzeichnen (dscp 46): laptop"]);
});

it("tables come and go as wholes", () => {
  expect(tableChange("table inet", null, {})).toMatchObject([{ action: "add", before: null, after: "network_personas" }]);
  expect(tableChange("table inet", {}, null)).toMatchObject([{ action: "remove", before: "network_personas", after: null }]);
  expect([...tableChange("table inet", {}, {}), ...tableChange("table inet", null, null)]).toEqual([]);
});

it("classes are told one by one, those that stay not at all", () => {
  const tree = (rate: number, classes: Record<string, { ceil: number }>) => ({ rate, classes });
  const between = (held: ReturnType<typeof tree> | null, wanted: ReturnType<typeof tree> | null) =>
    treeChanges("upload", held, wanted, ({ ceil }) => verbatim(`up to ${ceil}`)).map(({ action, target, before, after }) => [
      action,
      target,
      before,
      after,
    ]);
  const held = tree(10_000, { "10": { ceil: 1 }, "11": { ceil: 2 }, "12": { ceil: 3 } });
  expect(between(held, tree(10_000, { "10": { ceil: 1 }, "11": { ceil: 5 }, "13": { ceil: 4 } }))).toEqual([
    ["set", "upload class 11", "up to 2", "up to 5"],
    ["remove", "upload class 12", "up to 3", null],
    ["add", "upload class 13", null, "up to 4"],
  ]);
  expect(between(null, tree(10_000, {}))).toEqual([["add", "upload line", null, "10 Mbit/s"]]);
  expect(between(tree(10_000, {}), tree(20_000, {}))).toEqual([["set", "upload line", "10 Mbit/s", "20 Mbit/s"]]);
  expect(between(tree(10_000, {}), null)).toEqual([["remove", "upload line", "10 Mbit/s", null]]);
});
