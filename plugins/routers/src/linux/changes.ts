import type { Change } from "@network-personas/engine/driver";
import { type NetworkPlan, sentence } from "@network-personas/engine/model";
import { formatRate, trafficClasses } from "@network-personas/personas";
import { told as said } from "../shared/told.ts";
import { isLeased } from "./filling.ts";
import type { Held, Leaf, Tree } from "./held.ts";

const words: Readonly<Record<string, [on: string, off: string]>> = {
  mark_of: ["Know by its address", "Forget the address of"],
  urgent_of: ["Give a queue for what must not wait to", "Take the queue for what must not wait from"],
  rest_of: ["Give a queue to", "Take the queue from"],
  blocked: ["Refuse new connections of", "Allow connections of"],
  blocked_cut: ["Cut running connections of", "Stop cutting connections of"],
  marks_cut: ["Cut what comes in for", "Stop cutting what comes in for"],
  app_blocked: ["Refuse ports to", "Allow ports to"],
  app_cut: ["Cut running connections by port of", "Stop cutting connections by port of"],
  app_allowed: ["Let pass, though strict, ports of", "Let pass no longer ports of"],
  told: ["Tell applications by name for", "Tell applications by name no longer for"],
  no_dot: ["Refuse encrypted questions for names of", "Allow encrypted questions for names of"],
  strict: ["Allow nothing but what is listed to", "Lift the strict firewall from"],
  closed: ["Close to connections from the internet:", "Open again to connections from the internet:"],
  dns_family: ["Filter adult names for", "Filter adult names no longer for"],
  dns_malware: ["Filter malware names for", "Filter malware names no longer for"],
};

/** What leads from one state to another, element by element. */
export function changesBetween(held: Held, wanted: Held, plan: NetworkPlan | null): Change[] {
  const nameOf = new Map(plan?.devices.flatMap(({ device, macs }) => macs.map((mac) => [mac.toLowerCase(), device] as const)) ?? []);
  return [
    ...treeChanges("download", held.down, wanted.down),
    ...treeChanges("upload", held.up, wanted.up),
    ...Object.keys({ ...held.sets, ...wanted.sets }).flatMap((set) =>
      setChanges(set, held.sets?.[set] ?? [], wanted.sets?.[set] ?? [], nameOf),
    ),
    ...setChanges("isolated", held.isolated ?? [], wanted.isolated ?? [], nameOf),
    ...wayChanges(held.ways, wanted.ways),
    ...nameChanges(held.names, wanted.names),
    ...tableChange("table inet", held.sets, wanted.sets),
    ...tableChange("table bridge", held.isolated, wanted.isolated),
  ];
}

function tableChange(target: string, held: unknown, wanted: unknown): Change[] {
  if ((held === null) === (wanted === null)) return [];
  return held === null
    ? [{ action: "add", target, before: null, after: "network_personas", ...said(sentence("ownTable")) }]
    : [{ action: "remove", target, before: "network_personas", after: null, ...said(sentence("noOwnTable")) }];
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

function setChanges(set: string, held: readonly string[], wanted: readonly string[], nameOf: ReadonlyMap<string, string>): Change[] {
  const application = /^told_(.+)$/.exec(set)?.[1];
  const tunnel = /^tunnel_(\d+)$/.exec(set)?.[1];
  const [on, off] =
    words[set] ??
    (application ? ([`Told by name, ${application}:`, `Told by name no longer, ${application}:`] as const) : undefined) ??
    (tunnel ? ([`Send through tunnel ${tunnel} and nowhere else:`, `Send through tunnel ${tunnel} no longer:`] as const) : undefined) ??
    (set.startsWith("names_") ? (["Answer questions for names of", "Answer no longer questions for names of"] as const) : undefined) ??
    (set === "isolated"
      ? ["Cut off from other devices:", "Let see other devices again:"]
      : [`Mark (${set.replace("_", " ")})`, `Do not mark (${set.replace("_", " ")})`]);
  const told = (element: string) => {
    const [mac, ...rest] = element.replace(" timeout", "").split(/ [.:] /);
    return [
      nameOf.get(mac!) ?? mac,
      ...(rest.length > 0 ? [rest.join(" ")] : []),
      ...(isLeased(element) ? ["(as long as it is renewed)"] : []),
    ].join(" ");
  };
  return [
    ...held
      .filter((element) => !wanted.includes(element))
      .map(
        (element): Change => ({
          action: "remove",
          target: `${set} ${element}`,
          before: element,
          after: null,
          summary: `${off} ${told(element)}`,
        }),
      ),
    ...wanted
      .filter((element) => !held.includes(element))
      .map(
        (element): Change => ({
          action: "add",
          target: `${set} ${element}`,
          before: null,
          after: element,
          summary: `${on} ${told(element)}`,
        }),
      ),
  ];
}

const leafText = ({ prio, rate, ceil, quantum, queue }: Leaf): string =>
  `${trafficClasses[prio] ?? "default"} ${formatRate(rate)} to ${formatRate(ceil)} (quantum ${quantum}, queue ${queue})`;

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
        spec ? `${leafText(spec.urgent)}, else ${leafText(spec.rest)}, together up to ${formatRate(spec.ceil)}` : null;
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
