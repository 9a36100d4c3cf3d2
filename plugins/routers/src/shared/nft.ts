import { classTable } from "@network-personas/personas";
import { z } from "zod";

// What is said of nft's sets and maps by the drivers that fill some of their own: `linux`, and `openwrt` through its agent.

/** Our tables carry this name in every family; nothing else on the router is ever touched. */
export const table = "network_personas";

/** Values that packets are marked with. */
export const dscps: readonly number[] = [...new Set(Object.values(classTable).map(({ dscp }) => dscp))].filter((n) => n > 0).sort();

/** A set or map as `nft -j` lists it. */
const Listed = z.looseObject({ name: z.string(), elem: z.array(z.unknown()).default([]) });
const Listing = z.object({ nftables: z.array(z.looseObject({ set: Listed.optional(), map: Listed.optional() })) });
/** An element with more to it than its value. */
const Detailed = z.object({
  elem: z.looseObject({ val: z.unknown(), counter: z.looseObject({ bytes: z.number() }).optional(), timeout: z.number().optional() }),
});
const Concatenated = z.object({
  concat: z.array(z.union([z.string(), z.number(), z.object({ range: z.tuple([z.number(), z.number()]) })])),
});

/** One element of a set or map: its key, what a map gives for it, and what it has counted. */
export interface Element {
  key: string;
  value?: string;
  bytes?: number;
  /** It runs out. */
  leased?: boolean;
}

/** Every set and map of what `nft -j list` told, by name. @throws when it is no such list */
export function parseSets(listing: unknown): Map<string, Element[]> {
  return new Map(
    Listing.parse(listing).nftables.flatMap(({ set, map }) => {
      if (set) return [[set.name, set.elem.map((element) => readKey(element))] as const];
      if (!map) return [];
      const pairs = z.array(z.tuple([z.unknown(), z.unknown()])).parse(map.elem);
      return [[map.name, pairs.map(([key, value]) => ({ ...readKey(key), value: word(value) }))] as const];
    }),
  );
}

/** The elements of every set and map in words, in order. @throws when it is no list of nft */
export const setTexts = (listing: unknown): Record<string, string[]> =>
  Object.fromEntries([...parseSets(listing)].map(([name, elements]) => [name, elements.map(elementText).sort()]));

function readKey(listed: unknown): Element {
  const detailed = Detailed.safeParse(listed).data?.elem;
  const key = detailed ? detailed.val : listed;
  const concatenated = Concatenated.safeParse(key).data?.concat;
  const text = concatenated ? concatenated.map((part) => (typeof part === "object" ? part.range.join("-") : part)).join(" . ") : word(key);
  return {
    key: text,
    ...(detailed?.counter ? { bytes: detailed.counter.bytes } : {}),
    ...(detailed?.timeout === undefined ? {} : { leased: true }),
  };
}

const Verdict = z.union([
  z.object({ jump: z.object({ target: z.string() }) }),
  z.object({ accept: z.null() }),
  z.object({ drop: z.null() }),
]);

/** Numbers are marks. */
function word(value: unknown): string {
  if (typeof value === "number") return `0x${value.toString(16)}`;
  const verdict = Verdict.safeParse(value).data;
  if (verdict) return "jump" in verdict ? `jump ${verdict.jump.target}` : Object.keys(verdict)[0]!;
  return String(value);
}

/** An element of a set or map in words nft reads, but for how long: "KEY timeout : VALUE" runs out unless it is renewed. */
export const elementText = ({ key, leased, value }: Omit<Element, "bytes">): string =>
  `${key}${leased ? " timeout" : ""}${value === undefined ? "" : ` : ${value}`}`;
const marker = / timeout(?= :|$)/;
export const isLeased = (element: string): boolean => marker.test(element);
export const keyOf = (element: string): string => element.replace(marker, "").split(" : ")[0]!;
/** As nft is told it, with the time it has. */
export const withTime = (element: string, seconds: number): string => element.replace(marker, ` timeout ${seconds}s`);
