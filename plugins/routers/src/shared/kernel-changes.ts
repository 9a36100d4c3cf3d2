import type { Change } from "@network-personas/engine/driver";
import { inEnglish, type NetworkPlan, type Sentence, type SentenceKey, sentence } from "@network-personas/engine/model";
import { formatRate } from "@network-personas/personas";
import { isLeased, keyOf } from "./nft.ts";
import { told } from "./told.ts";

// Changes of what a kernel holds, in words: elements of nft's sets and maps, our tables, classes of HTB.

/** What it means that something is put into a set, and that it is taken out: sentences about "what", and what else is filled in. */
export interface Words {
  on: SentenceKey;
  off: SentenceKey;
  /** What of the set's name is told. */
  set?: string;
}

const words: Readonly<Record<string, Words>> = {
  mark_of: { on: "putMarkOf", off: "takeMarkOf" },
  blocked: { on: "putBlocked", off: "takeBlocked" },
  blocked_cut: { on: "putBlockedCut", off: "takeBlockedCut" },
  marks_cut: { on: "putMarksCut", off: "takeMarksCut" },
  app_blocked: { on: "putAppBlocked", off: "takeAppBlocked" },
  app_cut: { on: "putAppCut", off: "takeAppCut" },
  app_allowed: { on: "putAppAllowed", off: "takeAppAllowed" },
  strict: { on: "putStrict", off: "takeStrict" },
  closed: { on: "putClosed", off: "takeClosed" },
  isolated: { on: "putIsolated", off: "takeIsolated" },
  dns_family: { on: "putDnsFamily", off: "takeDnsFamily" },
  dns_malware: { on: "putDnsMalware", off: "takeDnsMalware" },
};
const wordsFor = (set: string): Words => words[set] ?? { on: "putMark", off: "takeMark", set: set.replace("_", " ") };

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
  const saying = (key: SentenceKey, element: string) => {
    const value = element.split(" : ").slice(1);
    const [first, ...rest] = keyOf(element).split(" . ");
    const text = [nameOf.get(first!) ?? first!, ...rest, ...value].join(" ");
    const what = isLeased(element) ? sentence("whileRenewed", { what: text }) : text;
    return told(sentence(key, say.set === undefined ? { what } : { what, set: say.set }));
  };
  const target = (element: string) => `${set} ${element}`;
  return [
    ...held
      .filter((one) => !wanted.includes(one))
      .map((one): Change => ({ action: "remove", target: target(one), before: one, after: null, ...saying(say.off, one) })),
    ...wanted
      .filter((one) => !held.includes(one))
      .map((one): Change => ({ action: "add", target: target(one), before: null, after: one, ...saying(say.on, one) })),
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
  sayOf: (spec: Spec) => Sentence,
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
      const text = (spec: Spec | undefined) => (spec === undefined ? null : inEnglish(sayOf(spec)));
      if (JSON.stringify(before) === JSON.stringify(after)) return [];
      return [
        {
          action: !before ? "add" : !after ? "remove" : "set",
          target: `${way} class ${minor}`,
          before: text(before),
          after: text(after),
          ...told(
            sentence(way === "download" ? "classOfDownload" : "classOfUpload", {
              class: minor,
              spec: after === undefined ? sentence("gone") : sayOf(after),
            }),
          ),
        },
      ];
    }),
  ];
}
