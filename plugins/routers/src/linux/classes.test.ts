import { describe, expect, it } from "vitest";
import { drop, parseTree, raise } from "./classes.ts";
import type { Tree } from "./held.ts";

const spec = { rate: 3_100, ceil: 47_400, prio: 1, quantum: 6_056, queue: 30_000 };
const tree: Tree = { rate: 47_400, classes: { "10": spec, "11": { ...spec, rate: 64 } } };
const classes = `class htb 4e50:1 root rate 47400Kbit ceil 47400Kbit linklayer ethernet burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 7
class htb 4e50:10 parent 4e50:1 leaf 10: prio 1 quantum 6056 rate 3100Kbit ceil 47400Kbit linklayer ethernet burst 1b/1 level 0
class htb 4e50:11 parent 4e50:1 leaf 11: prio 1 quantum 6056 rate 64Kbit ceil 47400Kbit linklayer ethernet burst 1b/1 level 0
class htb 4e50:fffe parent 4e50:1 leaf fffe: prio 3 quantum 1514 rate 64Kbit ceil 47400Kbit level 0
`;
const qdiscs = JSON.stringify([
  { kind: "htb", handle: "4e50:", root: true, options: {} },
  { kind: "bfifo", handle: "10:", parent: "4e50:10", options: { limit: 30_000 } },
  { kind: "bfifo", handle: "11:", parent: "4e50:11", options: { limit: 30_000 } },
]);

describe("classes", () => {
  it("are read as they were made", () => {
    expect(parseTree(classes, qdiscs)).toEqual(tree);
  });
  it("are none of ours under a root of somebody else", () => {
    expect(parseTree(classes, JSON.stringify([{ kind: "htb", handle: "1:", root: true }]))).toBeNull();
    expect(parseTree("", "[]")).toBeNull();
  });
  it("are changed in place, and only those that change", () => {
    const wanted = { ...tree, classes: { ...tree.classes, "11": { ...spec, rate: 500 } } };
    expect(raise("wan0", tree, wanted, "bfifo")).toEqual([
      "class replace dev wan0 parent 4e50:1 classid 4e50:11 htb rate 500kbit ceil 47400kbit prio 1 quantum 6056",
    ]);
    expect(drop("wan0", tree, wanted)).toEqual([]);
    expect(raise("wan0", tree, tree, "bfifo")).toEqual([]);
  });
  it("go when nobody needs them, and the root with the last plan", () => {
    expect(drop("wan0", tree, { ...tree, classes: { "10": spec } })).toEqual(["class del dev wan0 classid 4e50:11"]);
    expect(drop("wan0", tree, null)).toEqual(["qdisc del dev wan0 root handle 4e50:"]);
  });
});
