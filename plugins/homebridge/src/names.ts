/** What HAP-NodeJS lets stand inside a name; elsewhere only letters and digits. */
const illegal = /[^\p{L}\p{N}\p{Zs}\u2019'&!._:;()/,-]+/gu;
const illegalEnds = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
const longest = 64;

/** A name that HomeKit accepts, as close to the text as possible: two to 64 characters, no emoji, a letter or digit at both ends. */
export function homeKitName(text: string, fallback: string): string {
  const name = clean(text) || clean(fallback) || "Persona";
  return [...name].length > 1 ? name : `Persona ${name}`;
}

function clean(text: string): string {
  const spaced = trim(text.normalize("NFC").replace(illegal, " ").replace(/\s+/gu, " "));
  let short = "";
  for (const character of spaced) if (short.length + character.length <= longest) short += character;
  return trim(short);
}

/** Without what may not stand at an end; a bracket that loses its partner there goes, too. */
function trim(text: string): string {
  const ended = text.replace(illegalEnds, "");
  const paired = ended.split("(").length === ended.split(")").length;
  return paired ? ended : ended.replace(/[\s()]+/gu, " ").replace(illegalEnds, "");
}

/** The same names, with a number behind those that are already taken. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name.slice(0, longest - 4).replace(illegalEnds, "")} ${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
