import { type TrafficClass, trafficClasses } from "@network-personas/personas";
import { z } from "zod";
import { isLeased, keyOf } from "../../shared/nft.ts";
import { addressSets, type Held, type resolverSets, serviceSets } from "./held.ts";

/** Version of the plans and answers below; `install/np-agent` says the same. */
export const wireVersion = 1;
/** Marks a table whose rules are those of `install/np-agent`; an agent that knows no leases has the first. */
export const rulesOf = ({ leases }: { leases: boolean }): string => (leases ? "agent_2" : "agent_1");
/** How long what is not renewed stays, seconds. */
const leaseSeconds = 15 * 60;

export type Resolvers = Partial<Record<(typeof resolverSets)[number], string>>;

interface Rates {
  rate: number;
  ceil: number;
  queue: number;
}
/** Plan as the agent takes it: numbers, words of fixed lists, addresses, and names of interfaces. Rates in kbit/s. */
export interface AgentPlan {
  version: typeof wireVersion;
  /** Interfaces of the home's networks. */
  inside: readonly string[];
  wan?: string;
  line?: { down: number; up: number; queue: string };
  classes: readonly { number: number; macs: readonly string[]; class?: TrafficClass; quantum?: number; down?: Rates; up?: Rates }[];
  /** MAC addresses, those with ports ("02:00:00:00:00:11 tcp 8801-8810"), or numbers of classes. */
  sets: Readonly<Record<string, readonly (string | number)[]>>;
  /** Of the same sets what runs out after `lease` seconds unless it is renewed. */
  leased?: Readonly<Record<string, readonly (string | number)[]>>;
  lease?: number;
  /** Addresses that closed devices have now. */
  closed_at: readonly string[];
  resolvers: Resolvers;
}

/** What the agent cannot be asked to hold, but needs to hold it. */
export interface Surroundings {
  inside: readonly string[];
  wan: string | undefined;
  queue: string;
  closedAt: readonly string[];
  resolvers: Resolvers;
}

/** The request that brings a state about. */
export function planOf({ sets, down, up }: Held, { inside, wan, queue, closedAt, resolvers }: Surroundings): AgentPlan {
  const macs = Map.groupBy(
    (sets?.mark_of ?? []).map((element) => element.split(" : ") as [string, string]),
    ([, mark]) => Number.parseInt(mark.slice(-4), 16),
  );
  const shaped = down !== null && up !== null;
  const members = (leased: boolean) =>
    Object.fromEntries(
      ["marks_cut", ...addressSets, ...serviceSets].flatMap((name) => {
        const elements = (sets?.[name] ?? []).filter((element) => isLeased(element) === leased);
        return elements.length > 0 ? [[name, elements.map((element) => wordsOf(name, keyOf(element)))] as const] : [];
      }),
    );
  const leased = members(true);
  return {
    version: wireVersion,
    inside,
    ...(wan === undefined ? {} : { wan }),
    ...(shaped ? { line: { down: down.rate, up: up.rate, queue } } : {}),
    classes: [...macs].map(([number, marked]) => {
      const minor = number.toString(16);
      const [d, u] = [down?.classes[minor], up?.classes[minor]];
      return {
        number,
        macs: marked.map(([mac]) => mac),
        ...(d && u ? { class: trafficClasses[d.prio]!, quantum: d.quantum, down: ratesOf(d), up: ratesOf(u) } : {}),
      };
    }),
    sets: members(false),
    ...(Object.keys(leased).length > 0 ? { leased, lease: leaseSeconds } : {}),
    closed_at: closedAt,
    resolvers,
  };
}

const ratesOf = ({ rate, ceil, queue }: Rates): Rates => ({ rate, ceil, queue });
const wordsOf = (set: string, element: string): string | number =>
  set === "marks_cut" ? Number.parseInt(element.slice(-4), 16) : element.replaceAll(" . ", " ");

/** A method refused; nothing is left of what it did. */
const Refusal = z.object({ error: z.object({ code: z.string(), field: z.string(), message: z.string() }) });
const Features = z.object({
  /** nft and tc can print what we read back. */
  json: z.boolean(),
  /** nft has the bridge family: devices of one bridge can be kept apart. */
  bridge: z.boolean(),
  fq_codel: z.boolean(),
  /** mwan3 uses the marks of connections, too. */
  mwan3: z.boolean(),
  /** Elements can run out; agents from before that do not say so. */
  leases: z.boolean().default(false),
});
/** What every method but `confirm` answers: the state, read from the kernel. */
export const AgentState = z.object({
  id: z.string().optional(),
  version: z.number(),
  /** The change that waits for its confirmation. */
  pending: z.string().nullable(),
  features: Features,
  /** `nft -j list table` of ours in both families. */
  inet: z.unknown(),
  bridge: z.unknown(),
  /** Root queue of every interface; "" where it is the kernel's own. */
  roots: z.record(z.string(), z.string()),
  /** Of the interfaces whose root queue is ours. */
  queues: z.record(z.string(), z.object({ qdiscs: z.array(z.unknown()), classes: z.string() })),
});
export type AgentState = z.infer<typeof AgentState>;
export const AgentAnswer = z.union([Refusal, AgentState]);
export const ConfirmAnswer = z.union([Refusal, z.object({ id: z.string() })]);
