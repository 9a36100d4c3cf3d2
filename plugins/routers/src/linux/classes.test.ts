import { describe, expect, it } from "vitest";
import { type QueueKind, queueFor } from "../shared/htb.ts";
import { drop, parseTree, raise } from "./classes.ts";
import type { ClassSpec, Tree } from "./held.ts";

const spec: ClassSpec = {
  rate: 1,
  ceil: 47_400,
  urgent: { rate: 2_325, ceil: 42_660, prio: 1, quantum: 6_056, queue: 30_000 },
  rest: { rate: 775, ceil: 47_400, prio: 3, quantum: 3_028, queue: 148_125 },
};
const tree: Tree = { rate: 47_400, classes: { "10": spec, "11": spec } };
const classes = `class htb 4e50:1 root rate 47400Kbit ceil 47400Kbit linklayer ethernet burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 7
${["10", "11"]
  .map(
    (
      minor,
    ) => `class htb 4e50:40${minor} parent 4e50:${minor} leaf 40${minor}: prio 1 quantum 6056 rate 2325Kbit ceil 42660Kbit burst 1b/1 level 0
class htb 4e50:${minor} parent 4e50:1 rate 1Kbit ceil 47400Kbit linklayer ethernet burst 1b/1 mpu 0b level 6
class htb 4e50:80${minor} parent 4e50:${minor} leaf 80${minor}: prio 3 quantum 3028 rate 775Kbit ceil 47400Kbit burst 1b/1 level 0
`,
  )
  .join("")}class htb 4e50:fffe parent 4e50:1 leaf fffe: prio 3 quantum 1514 rate 64Kbit ceil 47400Kbit level 0
`;
const qdiscs = JSON.stringify([
  { kind: "htb", handle: "4e50:", root: true, options: {} },
  ...["10", "11"].flatMap((minor) => [
    { kind: "bfifo", handle: `40${minor}:`, parent: `4e50:40${minor}`, options: { limit: 30_000 } },
    { kind: "bfifo", handle: `80${minor}:`, parent: `4e50:80${minor}`, options: { limit: 148_125 } },
  ]),
]);

describe("classes", () => {
  it("are read as they were made", () => {
    expect(parseTree(classes, qdiscs)).toEqual(tree);
  });
  it("have CAKE for a queue where the kernel has it, and are read back with it", () => {
    const leaf = { ...spec.rest, queue: queueFor("cake", 47_400, 60) };
    const wanted: Tree = {
      rate: 47_400,
      classes: { "10": { rate: 1, ceil: 47_400, urgent: { ...leaf, queue: queueFor("cake", 47_400, 15) }, rest: leaf } },
    };
    expect(raise("wan0", null, wanted, "cake").filter((line) => line.startsWith("qdisc"))).toEqual([
      "qdisc add dev wan0 root handle 4e50: htb default fffe",
      "qdisc replace dev wan0 parent 4e50:fffe handle fffe: cake unlimited besteffort flows rtt 100ms",
      "qdisc replace dev wan0 parent 4e50:4010 handle 4010: cake unlimited besteffort flows rtt 30ms",
      "qdisc replace dev wan0 parent 4e50:8010 handle 8010: cake unlimited besteffort flows rtt 100ms",
    ]);
    // As iproute2 prints it.
    const cake = (minor: string, rtt: number) => ({
      kind: "cake",
      handle: `${minor}:`,
      parent: `4e50:${minor}`,
      options: { bandwidth: "unlimited", diffserv: "besteffort", flowmode: "flows", nat: false, rtt, raw: true, overhead: 0, fwmark: "0" },
    });
    const listed = JSON.stringify([{ kind: "htb", handle: "4e50:", root: true }, cake("4010", 30_000), cake("8010", 100_000)]);
    expect(parseTree(classes, listed)?.classes["10"]).toMatchObject({ urgent: { queue: 30 }, rest: { queue: 100 } });
  });
  it("never have a queue of one kind that reads like one of another", () => {
    const of = (kind: QueueKind) => [15, 30, 60, 150].map((delay) => queueFor(kind, 1_000, delay));
    expect(Math.max(...of("fq_codel"))).toBeLessThan(Math.min(...of("cake")));
    expect(Math.max(...of("cake"))).toBeLessThan(Math.min(...of("bfifo")));
  });
  it("are none of ours under a root of somebody else", () => {
    expect(parseTree(classes, JSON.stringify([{ kind: "htb", handle: "1:", root: true }]))).toBeNull();
    expect(parseTree("", "[]")).toBeNull();
  });
  it("are changed in place, and only those that change", () => {
    const wanted = {
      ...tree,
      classes: { ...tree.classes, "11": { ...spec, rate: 3_100, ceil: 20_000, rest: { ...spec.rest, queue: 20_000 } } },
    };
    expect(raise("wan0", tree, wanted, "bfifo")).toEqual([
      "class replace dev wan0 parent 4e50:1 classid 4e50:11 htb rate 3100kbit ceil 20000kbit quantum 3028",
      "class replace dev wan0 parent 4e50:11 classid 4e50:8011 htb rate 775kbit ceil 47400kbit prio 3 quantum 3028",
      "qdisc replace dev wan0 parent 4e50:8011 handle 8011: bfifo limit 20000",
    ]);
    expect(drop("wan0", tree, wanted)).toEqual([]);
    expect(raise("wan0", tree, tree, "bfifo")).toEqual([]);
  });
  it("go when nobody needs them, and the root with the last plan", () => {
    expect(drop("wan0", tree, { ...tree, classes: { "10": spec } })).toEqual(
      ["4011", "8011", "11"].map((minor) => `class del dev wan0 classid 4e50:${minor}`),
    );
    expect(drop("wan0", tree, null)).toEqual(["qdisc del dev wan0 root handle 4e50:"]);
  });
});
