import type { DevicePlan } from "@network-personas/engine/model";
import { neutralDevice } from "@network-personas/engine/testing";
import { describe, expect, it } from "vitest";
import { markOf, minorsFor, parseClasses, quantumOf, queueFor, ratesOf } from "./htb.ts";

const [laptop, phone, tv] = ["02:00:00:00:00:11", "02:00:00:00:00:12", "02:00:00:00:00:31"];
const device = (id: string, macs: string[], more: Partial<DevicePlan> = {}): DevicePlan => ({ ...neutralDevice(id, macs), ...more });

describe("numbers of classes", () => {
  const numbers = (devices: readonly DevicePlan[], marks: readonly string[] = []) => Object.fromEntries(minorsFor(devices, marks));

  it("are the lowest that are free, and stay a device's by any of its addresses", () => {
    expect(numbers([device("laptop", [laptop]), device("tv", [tv])])).toEqual({ laptop: "10", tv: "11" });
    const held = [`${phone} : ${markOf("10")}`, `${tv} : ${markOf("1a")}`];
    expect(numbers([device("laptop", [laptop]), device("phone", [laptop, phone.toUpperCase()]), device("tv", [tv])], held)).toEqual({
      laptop: "11",
      phone: "10",
      tv: "1a",
    });
  });
  it("are one device's each, also when an address went from one to another", () => {
    const held = [`${laptop} : ${markOf("10")}`, `${phone} : ${markOf("10")}`];
    expect(numbers([device("laptop", [laptop]), device("phone", [phone])], held)).toEqual({ laptop: "10", phone: "11" });
  });
});

it("rates fit the line, and are never so small that nothing would be served", () => {
  const wants = (guarantee: number, ceiling: number | null) =>
    ratesOf(device("tv", [tv], { guarantee: { down: guarantee, up: 0 }, ceiling: { down: ceiling, up: null } }), "down", 10_000);
  expect(wants(0, null)).toEqual({ rate: 8, ceil: 10_000 });
  expect(wants(3_000, 2_000)).toEqual({ rate: 2_000, ceil: 2_000 });
  expect(wants(50_000, 80_000)).toEqual({ rate: 10_000, ceil: 10_000 });
  expect(wants(0, 4)).toEqual({ rate: 4, ceil: 4 });
});
it("quanta are of two packets by weight, within what HTB takes without complaint", () => {
  expect([0.01, 1, 2, 1_000].map((weight) => quantumOf(device("tv", [tv], { weight })))).toEqual([1_514, 3_028, 6_056, 60_000]);
});
it("queues hold as long as the device bears, whatever keeps them", () => {
  expect([15, 60, 1_000].map((delay) => queueFor("fq_codel", 10_000, delay))).toEqual([5, 15, 20]);
  expect([15, 60, 1_000].map((delay) => queueFor("cake", 10_000, delay))).toEqual([30, 100, 100]);
  expect([1, 15, 60].map((delay) => queueFor("bfifo", 10_000, delay))).toEqual([6_000, 18_750, 75_000]);
});

describe("classes as iproute2 prints them", () => {
  const classes = `class htb 4e50:1 root rate 1Gbit ceil 1Gbit burst 1375b/1 mpu 0b cburst 1375b/1 mpu 0b level 7
class htb 4e50:10 parent 4e50:1 leaf 10: prio 1 quantum 6056 rate 2325Kbit ceil 42660Kbit burst 1b/1 level 0
class htb 4e50:11 parent 4e50:1 leaf 11: prio 3 quantum 3028 rate 8500bit ceil 1.5Mbit burst 1b/1 level 0
class htb 1:30 root prio 0 rate 1Mbit ceil 1Mbit
`;
  const root = { kind: "htb", handle: "4e50:", root: true };
  const queue = (kind: string, minor: string, options: object) => ({ kind, handle: `${minor}:`, parent: `4e50:${minor}`, options });

  it("are read with their queues, ours only", () => {
    const qdiscs = [root, queue("bfifo", "10", { limit: 30_000 }), queue("fq_codel", "11", { limit: 10_240, target: 14_999 })];
    const found = parseClasses(classes, JSON.stringify(qdiscs))!;
    expect([...found.keys()]).toEqual(["1", "10", "11"]);
    expect(found.get("1")).toMatchObject({ ceil: 1_000_000, queue: 0, parent: undefined });
    expect(found.get("10")).toEqual({ rate: 2_325, ceil: 42_660, prio: 1, quantum: 6_056, queue: 30_000, parent: "1" });
    expect(found.get("11")).toEqual({ rate: 9, ceil: 1_500, prio: 3, quantum: 3_028, queue: 15, parent: "1" });
  });
  it("are none of ours where the root is somebody else's, and nothing where something else was printed", () => {
    expect(parseClasses(classes, JSON.stringify([{ ...root, handle: "1:" }]))).toBeNull();
    expect(parseClasses("", "")).toBeNull();
    expect(() => parseClasses("", "<html>")).toThrow();
  });
});
