import { prefixesByMaker } from "./makers-table.ts";
import { isRandomised } from "./presence.ts";

const digits = 6;
let makers: ReadonlyMap<string, string> | undefined;

/** Who made the network interface, for names people know; undefined for others, and for addresses that are invented. */
export function makerOf(mac: string): string | undefined {
  if (isRandomised(mac)) return undefined;
  makers ??= new Map(
    Object.entries(prefixesByMaker).flatMap(([maker, text]) =>
      Array.from({ length: text.length / digits }, (_, i) => [text.slice(i * digits, (i + 1) * digits), maker] as const),
    ),
  );
  return makers.get(mac.replaceAll(":", "").slice(0, digits).toLowerCase());
}
