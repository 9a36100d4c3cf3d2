import type { Change } from "@network-personas/engine/driver";
import { type NetworkPlan, type Sentence, sentence } from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import type { Leaf } from "../shared/htb.ts";
import { elementChanges, namesIn, tableChange, treeChanges, type Words } from "../shared/kernel-changes.ts";
import { told } from "../shared/told.ts";
import type { ClassSpec, Held } from "./held.ts";

const words: Readonly<Record<string, Words>> = {
  urgent_of: { on: "putUrgentOf", off: "takeUrgentOf" },
  small_of: { on: "putSmallOf", off: "takeSmallOf" },
  rest_of: { on: "putRestOf", off: "takeRestOf" },
  told: { on: "putTold", off: "takeTold" },
  no_dot: { on: "putNoDot", off: "takeNoDot" },
};
function wordsOf(set: string): Words | undefined {
  const application = /^told_(.+)$/.exec(set)?.[1];
  const tunnel = /^tunnel_(\d+)$/.exec(set)?.[1];
  if (application) return { on: "putToldOf", off: "takeToldOf", set: application };
  if (tunnel) return { on: "putTunnel", off: "takeTunnel", set: tunnel };
  return set.startsWith("names_") ? { on: "putNames" as const, off: "takeNames" as const } : words[set];
}

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = namesIn(plan);
  return [
    ...treeChanges("download", held.down, wanted.down, sayClass),
    ...treeChanges("upload", held.up, wanted.up, sayClass),
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
    const whose = { tunnel: slot!, family: family === "ipv4" ? "IPv4" : "IPv6" };
    if (what === "rule") return sentence("wayRule", whose);
    return what === "end" ? sentence("wayEnd", whose) : sentence("wayThrough", { ...whose, interface: what! });
  };
  return [
    ...held
      .filter((way) => !wanted.includes(way))
      .map(
        (way): Change => ({
          action: "remove",
          target: `way ${way}`,
          before: way,
          after: null,
          ...told(sentence("removeWay", { what: words(way) })),
        }),
      ),
    ...wanted
      .filter((way) => !held.includes(way))
      .map(
        (way): Change => ({
          action: "add",
          target: `way ${way}`,
          before: null,
          after: way,
          ...told(sentence("addWay", { what: words(way) })),
        }),
      ),
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
    const says = ({ add: "namesStart", set: "namesAnew", remove: "namesEnd" } as const)[action];
    return [{ action, target: `names ${key}`, before: from, after: to, ...told(sentence(says, { key })) }];
  });
}

const sayLeaf = ({ prio, rate, ceil, quantum, queue }: Leaf): Sentence =>
  sentence("leafSpec", { class: trafficClasses[prio] ?? "default", rate, ceil, quantum, queue });
const sayClass = ({ urgent, rest, ceil }: ClassSpec): Sentence =>
  sentence("leafPair", { urgent: sayLeaf(urgent), rest: sayLeaf(rest), ceil });
