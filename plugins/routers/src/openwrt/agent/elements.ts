import { z } from "zod";

/** Ends an element that runs out. */
export const leaseMark = " timeout";

/** A set or map as `nft -j list table` shows it. */
const Listed = z.looseObject({ name: z.string(), elem: z.array(z.unknown()).default([]) });
const Listing = z.object({ nftables: z.array(z.looseObject({ set: Listed.optional(), map: Listed.optional() })) });
const Concatenated = z.object({
  concat: z.array(z.union([z.string(), z.number(), z.object({ range: z.tuple([z.number(), z.number()]) })])),
});

/** Elements of every set and map of a listed table, sorted, in the words nft reads. @throws when it is no such list */
export function parseSets(listing: unknown): Record<string, string[]> {
  return Object.fromEntries(
    Listing.parse(listing).nftables.flatMap(({ set, map }) => {
      if (set) return [[set.name, set.elem.map(wordOf).sort()] as const];
      if (!map) return [];
      const pairs = z.array(z.tuple([z.unknown(), z.unknown()])).parse(map.elem);
      return [[map.name, pairs.map(([key, value]) => `${wordOf(key)} : ${wordOf(value)}`).sort()] as const];
    }),
  );
}

/** An element with more to it than its value. */
const Detailed = z.object({ elem: z.looseObject({ val: z.unknown(), timeout: z.number().optional() }) });

/** Numbers are marks. */
function wordOf(element: unknown): string {
  const detailed = Detailed.safeParse(element).data?.elem;
  if (detailed) return `${wordOf(detailed.val)}${detailed.timeout === undefined ? "" : leaseMark}`;
  const parts = Concatenated.safeParse(element).data?.concat;
  if (parts) return parts.map((part) => (typeof part === "object" ? part.range.join("-") : part)).join(" . ");
  return typeof element === "number" ? `0x${element.toString(16)}` : String(element);
}
