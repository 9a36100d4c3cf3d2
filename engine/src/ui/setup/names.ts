import type { PersonEntry } from "./edits.ts";

/** What stands behind a name in "anns-iphone", "Annas-MBP", "bob-pc". */
const thing =
  "iphone|ipad|i?mac|macbook\\w*|mbp|mba|air|watch|phone|handy|pixel|galaxy|android|tablet|laptop|notebook|thinkpad|pc|desktop|computer|rechner|ps\\d|xbox|switch|kindle|telefon";
const before = new RegExp(`^(\\p{Letter}{3,20})[-_ ](?:[-_ \\p{Letter}\\p{Number}]*[-_ ])?(?:${thing})(?![\\p{Letter}])`, "iu");
const behind = new RegExp(`(?:${thing})[-_ ](?:von|of)[-_ ](\\p{Letter}{3,20})`, "iu");
/** Words that stand where names do. */
const noNames = new Set(
  "apple samsung google huawei xiaomi lenovo dell asus sony nintendo microsoft work office home guest family kids living livingroom bedroom kitchen wohnzimmer arbeit gast familie kinder buero desktop laptop smart old new mein meine the test android galaxy surface gaming amazon fire".split(
    " ",
  ),
);
/** Names that end in the letter of a genitive. */
const endInS = new Set(
  "agnes alexis andreas boris carlos charles chris claus curtis dennis doris elias frances francis hans ines iris james jens jess jonas julius klaus lars lis louis lucas luis lukas magnus marcus marius markus mathias matthias nicholas nicolas niklas nils ross silas tess thomas tobias travis".split(
    " ",
  ),
);

/** Whose devices these sound like, by their names: "anns-laptop" and "iPhone-von-Ann" are Ann's. People who are known are left out. */
export function namesIn(hostnames: readonly string[], people: readonly PersonEntry[]): string[] {
  const known = new Set(people.flatMap(({ id, name = id }) => [id, name.toLowerCase().split(/\s+/)[0]!]));
  const found = new Map<string, string>();
  for (const hostname of hostnames) {
    const word = (behind.exec(hostname) ?? before.exec(hostname))?.[1]?.toLowerCase();
    if (!word || noNames.has(word)) continue;
    const bare = word.length > 3 && word.endsWith("s") && !endInS.has(word) ? word.slice(0, -1) : word;
    if (!noNames.has(bare) && !known.has(bare)) found.set(bare, bare[0]!.toUpperCase() + bare.slice(1));
  }
  return [...found.values()];
}
