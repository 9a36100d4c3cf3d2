import type { Change } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { formatRate, trafficClasses } from "@network-personas/personas";
import type { Leaf } from "../../shared/htb.ts";
import { elementChanges, namesIn, tableChange, treeChanges, type Words } from "../../shared/kernel-changes.ts";
import type { Held } from "./held.ts";

const words: Readonly<Record<string, Words>> = {
  class_of: ["Give a class to", "Take the class from"],
  apart: ["Keep from the home's other networks:", "Let reach the home's other networks again:"],
  inside: ["Take for a network of the home:", "Take no longer for a network of the home:"],
  line: ["Give queues to", "Take the queues from"],
};
function wordsOf(set: string): Words | undefined {
  const filter = /^(family|malware)[46]$/.exec(set)?.[1];
  const names = filter === "family" ? "adult" : filter;
  return names ? [`Ask about ${names} names at`, `Ask about ${names} names no longer at`] : words[set];
}

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = namesIn(plan);
  const elements = (set: string, before: readonly string[] | null = [], after: readonly string[] | null = []) =>
    elementChanges(set, before ?? [], after ?? [], nameOf, wordsOf(set));
  return [
    ...treeChanges("download", held.down, wanted.down, specText),
    ...treeChanges("upload", held.up, wanted.up, specText),
    ...elements("line", held.line, wanted.line),
    ...Object.keys({ ...held.sets, ...wanted.sets }).flatMap((set) => elements(set, held.sets?.[set], wanted.sets?.[set])),
    ...elements("isolated", held.isolated, wanted.isolated),
    ...tableChange("table inet", held.sets, wanted.sets),
    ...tableChange("table bridge", held.isolated, wanted.isolated),
  ];
}

const specText = ({ prio, rate, ceil, quantum, queue }: Leaf): string =>
  `${trafficClasses[prio] ?? "default"}, ${formatRate(rate)} to ${formatRate(ceil)}, quantum ${quantum}, queue ${queue}`;
