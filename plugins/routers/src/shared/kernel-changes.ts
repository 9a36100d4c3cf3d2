import type { Change } from "@network-personas/engine/driver";
import { type NetworkPlan, sentence } from "@network-personas/engine/model";
import { formatRate } from "@network-personas/personas";
import { isLeased, keyOf } from "./nft.ts";
import { told } from "./told.ts";

// Changes of what a kernel holds, in words: elements of nft's sets and maps, our tables, classes of HTB.

/** What it means that something is put into a set, and that it is taken out. */
export type Words = readonly [on: string, off: string];

const words: Readonly<Record<string, Words>> = {
  mark_of: ["Know by its address", "Forget the address of"],
  blocked: ["Refuse new connections of", "Allow connections of"],
  blocked_cut: ["Cut running connections of", "Stop cutting connections of"],
  marks_cut: ["Cut what comes in for", "Stop cutting what comes in for"],
  app_blocked: ["Refuse ports to", "Allow ports to"],
  app_cut: ["Cut running connections by port of", "Stop cutting connections by port of"],
  app_allowed: ["Let pass, though strict, ports of", "Let pass no longer ports of"],
  strict: ["Allow nothing but what is listed to", "Lift the strict firewall from"],
  closed: ["Close to connections from the internet:", "Open again to connections from the internet:"],
  isolated: ["Cut off from other devices:", "Let see other devices again:"],
  dns_family: ["Filter adult names for", "Filter adult names no longer for"],
  dns_malware: ["Filter malware names for", "Filter malware names no longer for"],
};
const wordsFor = (set: string): Words => words[set] ?? [`Mark (${set.replace("_", " ")})`, `Do not mark (${set.replace("_", " ")})`];

/** Devices of a plan by their MAC addresses, to name them in changes. */
export const namesIn = (plan: NetworkPlan | null): ReadonlyMap<string, string> =>
  new Map(plan?.devices.flatMap(({ device, macs }) => macs.map((mac) => [mac.toLowerCase(), device] as const)) ?? []);

/** What leads from some elements of a set to others. `say`: what it means, where that is not what it means in every driver. */
export function elementChanges(
  set: string,
  held: readonly string[],
  wanted: readonly string[],
  nameOf: ReadonlyMap<string, string>,
  say: Words = wordsFor(set),
): Change[] {
  const [on, off] = say;
  const wordsOf = (element: string) => {
    const value = element.split(" : ").slice(1);
    const [first, ...rest] = keyOf(element).split(" . ");
    return [nameOf.get(first!) ?? first!, ...rest, ...value, ...(isLeased(element) ? ["(as long as it is renewed)"] : [])].join(" ");
  };
  const target = (element: string) => `${set} ${element}`;
  return [
    ...held
      .filter((one) => !wanted.includes(one))
      .map((one): Change => ({ action: "remove", target: target(one), before: one, after: null, summary: `${off} ${wordsOf(one)}` })),
    ...wanted
      .filter((one) => !held.includes(one))
      .map((one): Change => ({ action: "add", target: target(one), before: null, after: one, summary: `${on} ${wordsOf(one)}` })),
  ];
}

/** What leads from one table to another: whether it is there. `target`: "table inet" */
export function tableChange(target: string, held: unknown, wanted: unknown): Change[] {
  if ((held === null) === (wanted === null)) return [];
  return held === null
    ? [{ action: "add", target, before: null, after: "network_personas", ...told(sentence("ownTable")) }]
    : [{ action: "remove", target, before: "network_personas", after: null, ...told(sentence("noOwnTable")) }];
}

/** The classes of one interface, by their minor numbers; rates in kbit/s. */
interface Tree<Spec> {
  rate: number;
  classes: Readonly<Record<string, Spec>>;
}

/** What leads from one tree of classes to another, class by class. `way`: "download" or "upload" */
export function treeChanges<Spec>(
  way: string,
  held: Tree<Spec> | null,
  wanted: Tree<Spec> | null,
  specText: (spec: Spec) => string,
): Change[] {
  const line: Change[] =
    held?.rate === wanted?.rate
      ? []
      : [
          {
            action: held === null ? "add" : wanted === null ? "remove" : "set",
            target: `${way} line`,
            before: held && formatRate(held.rate),
            after: wanted && formatRate(wanted.rate),
            ...told(wanted ? sentence("shapeWay", { way, rate: wanted.rate }) : sentence("shapeWayNot", { way })),
          },
        ];
  const minors = [...new Set([...Object.keys(held?.classes ?? {}), ...Object.keys(wanted?.classes ?? {})])].sort();
  return [
    ...line,
    ...minors.flatMap((minor): Change[] => {
      const [before, after] = [held?.classes[minor], wanted?.classes[minor]];
      const text = (spec: Spec | undefined) => (spec === undefined ? null : specText(spec));
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
