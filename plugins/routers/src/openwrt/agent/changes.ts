import type { Change } from "@network-personas/engine/driver";
import { type NetworkPlan, sentence } from "@network-personas/engine/model";
import { formatRate, trafficClasses } from "@network-personas/personas";
import { told as said } from "../../shared/told.ts";
import type { Tree } from "./classes.ts";
import { leaseMark } from "./elements.ts";
import type { Held } from "./held.ts";

const words: Readonly<Record<string, readonly [on: string, off: string]>> = {
  mark_of: ["Know by its address", "Forget the address of"],
  class_of: ["Give a class to", "Take the class from"],
  blocked: ["Refuse new connections of", "Allow connections of"],
  blocked_cut: ["Cut running connections of", "Stop cutting connections of"],
  marks_cut: ["Cut what comes in for", "Stop cutting what comes in for"],
  app_blocked: ["Refuse ports to", "Allow ports to"],
  app_cut: ["Cut running connections by port of", "Stop cutting connections by port of"],
  app_allowed: ["Let pass, though strict, ports of", "Let pass no longer ports of"],
  strict: ["Allow nothing but what is listed to", "Lift the strict firewall from"],
  closed: ["Close to connections from the internet:", "Open again to connections from the internet:"],
  apart: ["Keep from the home's other networks:", "Let reach the home's other networks again:"],
  isolated: ["Cut off from other devices:", "Let see other devices again:"],
  dns_family: ["Filter adult names for", "Filter adult names no longer for"],
  dns_malware: ["Filter malware names for", "Filter malware names no longer for"],
  inside: ["Take for a network of the home:", "Take no longer for a network of the home:"],
  line: ["Give queues to", "Take the queues from"],
};
const wordsOf = (set: string): readonly [string, string] => {
  const filter = /^(family|malware)[46]$/.exec(set)?.[1];
  const names = filter === "family" ? "adult" : filter;
  if (names) return [`Ask about ${names} names at`, `Ask about ${names} names no longer at`];
  return words[set] ?? [`Mark (${set.replace("_", " ")})`, `Do not mark (${set.replace("_", " ")})`];
};

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = new Map(plan?.devices.flatMap(({ device, macs }) => macs.map((mac) => [mac.toLowerCase(), device] as const)) ?? []);
  const told = (element: string) => {
    const [first, ...rest] = element.split(/ [.:] /);
    const bare = first!.replace(leaseMark, "");
    const lasts = element.endsWith(leaseMark) ? " (as long as it is renewed)" : "";
    return `${[nameOf.get(bare) ?? bare, ...rest].join(" ").replace(leaseMark, "")}${lasts}`;
  };
  const elements = (set: string, before: readonly string[], after: readonly string[]): Change[] => {
    const [on, off] = wordsOf(set);
    const target = (element: string) => `${set} ${element}`;
    return [
      ...before
        .filter((one) => !after.includes(one))
        .map((one): Change => ({ action: "remove", target: target(one), before: one, after: null, summary: `${off} ${told(one)}` })),
      ...after
        .filter((one) => !before.includes(one))
        .map((one): Change => ({ action: "add", target: target(one), before: null, after: one, summary: `${on} ${told(one)}` })),
    ];
  };
  return [
    ...treeChanges("download", held.down, wanted.down),
    ...treeChanges("upload", held.up, wanted.up),
    ...elements("line", held.line, wanted.line),
    ...Object.keys({ ...held.sets, ...wanted.sets }).flatMap((set) => elements(set, held.sets?.[set] ?? [], wanted.sets?.[set] ?? [])),
    ...elements("isolated", held.isolated ?? [], wanted.isolated ?? []),
    ...table("table inet", held.sets, wanted.sets),
    ...table("table bridge", held.isolated, wanted.isolated),
  ];
}

function table(target: string, held: unknown, wanted: unknown): Change[] {
  if ((held === null) === (wanted === null)) return [];
  return held === null
    ? [{ action: "add", target, before: null, after: "network_personas", ...said(sentence("ownTable")) }]
    : [{ action: "remove", target, before: "network_personas", after: null, ...said(sentence("noOwnTable")) }];
}

/** What leads from one tree of classes to another, class by class. */
function treeChanges(way: string, held: Tree | null, wanted: Tree | null): Change[] {
  const line: Change[] =
    held?.rate === wanted?.rate
      ? []
      : [
          {
            action: held === null ? "add" : wanted === null ? "remove" : "set",
            target: `${way} line`,
            before: held && formatRate(held.rate),
            after: wanted && formatRate(wanted.rate),
            ...said(wanted ? sentence("shapeWay", { way, rate: wanted.rate }) : sentence("shapeWayNot", { way })),
          },
        ];
  const minors = [...new Set([...Object.keys(held?.classes ?? {}), ...Object.keys(wanted?.classes ?? {})])].sort();
  return [
    ...line,
    ...minors.flatMap((minor): Change[] => {
      const [before, after] = [held?.classes[minor], wanted?.classes[minor]];
      const text = (spec: typeof before) =>
        spec
          ? `${trafficClasses[spec.prio] ?? "default"}, ${formatRate(spec.rate)} to ${formatRate(spec.ceil)}, quantum ${spec.quantum}, queue ${spec.queue}`
          : null;
      if (JSON.stringify(before) === JSON.stringify(after)) return [];
      return [
        {
          action: !before ? "add" : !after ? "remove" : "set",
          target: `${way} class ${minor}`,
          before: text(before),
          after: text(after),
          summary: `${way === "download" ? "Download" : "Upload"} class ${minor}: ${text(after) ?? "gone"}`,
        },
      ];
    }),
  ];
}
