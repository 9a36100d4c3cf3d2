import { z } from "zod";
import { dscps, setTexts } from "../../shared/nft.ts";
import { parseTree, Tree } from "./classes.ts";
import { type AgentState, rulesOf } from "./wire.ts";

/** Everything of ours that the agent keeps in the kernel; null where nothing is. Elements of sets and maps are sorted. */
export const Held = z.strictObject({
  sets: z.record(z.string(), z.array(z.string())).nullable(),
  /** Who is kept from other ports of a bridge. */
  isolated: z.array(z.string()).nullable(),
  /** Of every interface of the home alike; null, too, while they differ. */
  down: Tree.nullable(),
  up: Tree.nullable(),
  /** Interfaces outside that have queues of ours: that of the line. */
  line: z.array(z.string()),
});
export type Held = z.infer<typeof Held>;
export const nothing: Held = { sets: null, isolated: null, down: null, up: null, line: [] };

/** MAC addresses about which the rules say something. "apart" are those kept from other networks of the home. */
export const addressSets: readonly string[] = [
  "blocked",
  "blocked_cut",
  "strict",
  "closed",
  "apart",
  "dns_family",
  "dns_malware",
  ...dscps.map((dscp) => `dscp_${dscp}`),
];
/** MAC addresses with transport and ports. */
export const serviceSets = ["app_blocked", "app_cut", "app_allowed"] as const;
/** Resolvers that filter, one of each family at most. */
export const resolverSets = ["family4", "family6", "malware4", "malware6"] as const;
/** Every set and map of our table that a plan fills. */
const filled: readonly string[] = ["inside", "mark_of", "class_of", "marks_cut", ...addressSets, ...serviceSets, ...resolverSets];

/** Sets without any element. */
export const emptySets = (): Record<string, string[]> => Object.fromEntries(filled.map((name) => [name, []]));

/** What of ours the kernel holds. @throws when a program of the router printed something else than its lists */
export function heldOf(state: AgentState): Held {
  const [table, bridge] = [state.inet, state.bridge].map((listing) => (listing === null ? undefined : setTexts(listing)));
  // Rules of another version are none: they are made anew.
  const sets = table && rulesOf(state.features) in table ? Object.fromEntries(filled.map((name) => [name, table[name] ?? []])) : null;
  const used = new Set(sets?.class_of?.map((element) => element.slice(element.lastIndexOf(":") + 1)));
  const trees = new Map(
    Object.entries(state.queues).map(([device, { qdiscs, classes }]) => [
      device,
      onlyClasses(parseTree(classes, JSON.stringify(qdiscs)), used),
    ]),
  );
  const inside = sets?.inside ?? [];
  const line = [...trees.keys()].filter((device) => !inside.includes(device)).sort();
  return {
    sets,
    isolated: bridge ? (bridge.isolated ?? []) : null,
    down: alike(inside.map((device) => trees.get(device) ?? null)),
    up: line.length === 1 ? (trees.get(line[0]!) ?? null) : null,
    line,
  };
}

/** A class that nobody is sent to any more is only there until what waits in it is gone. */
function onlyClasses(tree: Tree | null, used: ReadonlySet<string>): Tree | null {
  return tree && { ...tree, classes: Object.fromEntries(Object.entries(tree.classes).filter(([minor]) => used.has(minor))) };
}

function alike([first = null, ...others]: readonly (Tree | null)[]): Tree | null {
  const text = JSON.stringify(first);
  return others.every((tree) => JSON.stringify(tree) === text) ? first : null;
}
