import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./namespace.ts";

/** An element of a set or map of ours that runs out, as nft writes it, and the seconds it has left. */
interface Lease {
  set: string;
  key: string;
  value: string;
  left: number;
}

/** Everything of ours in a router's kernel that runs out. */
export function leasesIn(router: string): Lease[] {
  const listing = run(router, "nft -n list ruleset");
  return [...listing.matchAll(/^table (\w+) network_personas \{([\s\S]*?)^\}/gm)].flatMap(([, family, body]) =>
    [...body!.matchAll(/^\t(set|map) (\w+) \{([\s\S]*?)^\t\}/gm)].flatMap(([, kind, name, text]) =>
      // Those the kernel learns by itself have a time of their own.
      /flags [^\n]*dynamic/.test(text!)
        ? []
        : [...text!.matchAll(/([0-9a-f]{2}(?::[0-9a-f]{2}){5}[^,{}]*?) timeout \S+ expires (\S+?)( : [^,}\n]+)?(?=[,\s}])/g)].map(
            ([, key, left, value = ""]) => ({
              set: `${family} network_personas ${name}`,
              key: key!,
              value,
              left: secondsOf(left!),
              kind: kind!,
            }),
          ),
    ),
  );
}

/** As if so much of their time were over that no more than this is left. */
export function leaveSeconds(router: string, seconds: number): void {
  const lines = leasesIn(router).map(
    ({ set, key, value }) => `delete element ${set} { ${key} }\nadd element ${set} { ${key} timeout 15m expires ${seconds}s${value} }`,
  );
  if (lines.length > 0) run(router, `nft -f - <<'END'\n${lines.join("\n")}\nEND`);
}

/** Lets everything that runs out do so. */
export async function runOut(router: string): Promise<void> {
  leaveSeconds(router, 1);
  while (leasesIn(router).length > 0) await sleep(50);
}

const secondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|d|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }[unit as "s"],
    0,
  );
