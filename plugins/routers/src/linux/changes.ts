import type { Change } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { formatRate, trafficClasses } from "@network-personas/personas";
import type { Leaf } from "../shared/htb.ts";
import { elementChanges, namesIn, tableChange, treeChanges, type Words } from "../shared/kernel-changes.ts";
import type { ClassSpec, Held } from "./held.ts";

const words: Readonly<Record<string, Words>> = {
  urgent_of: ["Give a queue for what must not wait to", "Take the queue for what must not wait from"],
  small_of: ["Give a queue for small packets to", "Take the queue for small packets from"],
  rest_of: ["Give a queue to", "Take the queue from"],
  told: ["Tell applications by name for", "Tell applications by name no longer for"],
  no_dot: ["Refuse encrypted questions for names of", "Allow encrypted questions for names of"],
};
function wordsOf(set: string): Words | undefined {
  const application = /^told_(.+)$/.exec(set)?.[1];
  const tunnel = /^tunnel_(\d+)$/.exec(set)?.[1];
  if (application) return [`Told by name, ${application}:`, `Told by name no longer, ${application}:`];
  if (tunnel) return [`Send through tunnel ${tunnel} and nowhere else:`, `Send through tunnel ${tunnel} no longer:`];
  return set.startsWith("names_") ? ["Answer questions for names of", "Answer no longer questions for names of"] : words[set];
}

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = namesIn(plan);
  return [
    ...treeChanges("download", held.down, wanted.down, specText),
    ...treeChanges("upload", held.up, wanted.up, specText),
    ...Object.keys({ ...held.sets, ...wanted.sets }).flatMap((set) =>
      elementChanges(set, held.sets?.[set] ?? [], wanted.sets?.[set] ?? [], nameOf, wordsOf(set)),
    ),
    ...elementChanges("isolated", held.isolated ?? [], wanted.isolated ?? [], nameOf),
    ...wayChanges(held.ways, wanted.ways),
    ...nameChanges(held.names, wanted.names),
    ...tableChange("table inet", held.sets, wanted.sets),
    ...tableChange("table bridge", held.isolated, wanted.isolated),
  ];
}

function wayChanges(held: readonly string[], wanted: readonly string[]): Change[] {
  const words = (way: string) => {
    const [slot, family, what] = way.split(" ");
    const whose = `of tunnel ${slot} (${family === "ipv4" ? "IPv4" : "IPv6"})`;
    if (what === "rule") return `the rule for packets ${whose}`;
    return what === "end" ? `the end of the way ${whose}: without its device nothing gets out` : `the way ${whose} through ${what}`;
  };
  return [
    ...held
      .filter((way) => !wanted.includes(way))
      .map((way): Change => ({ action: "remove", target: `way ${way}`, before: way, after: null, summary: `Remove ${words(way)}` })),
    ...wanted
      .filter((way) => !held.includes(way))
      .map((way): Change => ({ action: "add", target: `way ${way}`, before: null, after: way, summary: `Add ${words(way)}` })),
  ];
}

/** What answers names is one thing, however it is set up. */
function nameChanges(held: readonly string[], wanted: readonly string[]): Change[] {
  const byKey = (list: readonly string[]) => new Map(list.map((one) => one.split(" ") as [string, string]));
  const [before, after] = [byKey(held), byKey(wanted)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key): Change[] => {
    const [from, to] = [before.get(key) ?? null, after.get(key) ?? null];
    if (from === to) return [];
    const action = from === null ? "add" : to === null ? "remove" : "set";
    const verb = { add: "Start", set: "Set up anew", remove: "End" }[action];
    return [
      { action, target: `names ${key}`, before: from, after: to, summary: `${verb} what tells applications by their names (${key})` },
    ];
  });
}

const leafText = ({ prio, rate, ceil, quantum, queue }: Leaf): string =>
  `${trafficClasses[prio] ?? "default"} ${formatRate(rate)} to ${formatRate(ceil)} (quantum ${quantum}, queue ${queue})`;
const specText = ({ urgent, rest, ceil }: ClassSpec): string =>
  `${leafText(urgent)}, else ${leafText(rest)}, together up to ${formatRate(ceil)}`;
