import type { Change } from "@network-personas/engine/driver";
import { type NetworkPlan, type Sentence, sentence } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import type { Leaf } from "../../shared/htb.ts";
import { elementChanges, namesIn, tableChange, treeChanges, type Words } from "../../shared/kernel-changes.ts";
import type { Held } from "./held.ts";

const words: Readonly<Record<string, Words>> = {
  class_of: { on: "putClassOf", off: "takeClassOf" },
  apart: { on: "putApart", off: "takeApart" },
  inside: { on: "putInside", off: "takeInside" },
  line: { on: "putLine", off: "takeLine" },
};
function wordsOf(set: string): Words | undefined {
  const filter = /^(family|malware)[46]$/.exec(set)?.[1];
  if (filter === "family") return { on: "putAskAdult", off: "takeAskAdult" };
  return filter ? { on: "putAskMalware", off: "takeAskMalware" } : words[set];
}

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = namesIn(plan);
  const elements = (set: string, before: readonly string[] | null = [], after: readonly string[] | null = []) =>
    elementChanges(set, before ?? [], after ?? [], nameOf, wordsOf(set));
  return [
    ...treeChanges("download", held.down, wanted.down, sayLeaf),
    ...treeChanges("upload", held.up, wanted.up, sayLeaf),
    ...elements("line", held.line, wanted.line),
    ...Object.keys({ ...held.sets, ...wanted.sets }).flatMap((set) => elements(set, held.sets?.[set], wanted.sets?.[set])),
    ...elements("isolated", held.isolated, wanted.isolated),
    ...tableChange("table inet", held.sets, wanted.sets),
    ...tableChange("table bridge", held.isolated, wanted.isolated),
  ];
}

const sayLeaf = ({ prio, rate, ceil, quantum, queue }: Leaf): Sentence =>
  sentence("agentSpec", { class: trafficClasses[prio] ?? "default", rate, ceil, quantum, queue });
