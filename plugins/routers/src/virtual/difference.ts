import type { Change } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { told } from "../shared/told.ts";
import { optionRules } from "./lower.ts";
import type { OptionValue, Section, Sections } from "./state.ts";

/** What leads from one set of our sections to another, option by option. Pure. */
export function difference(current: Sections, desired: Sections): Change[] {
  const names = [...new Set([...Object.keys(current), ...Object.keys(desired)])].sort();
  return names.flatMap((name) => sectionChanges(name, current[name], desired[name]));
}

function sectionChanges(name: string, current: Section | undefined, desired: Section | undefined): Change[] {
  const about = (desired ?? current)!.about;
  const before = current?.options ?? {};
  const after = desired?.options ?? {};
  const order = ["macs", "shaperDown", "shaperUp", ...Object.keys(optionRules)];
  return order.flatMap((option): Change[] => {
    const [was, will] = [before[option], after[option]];
    // The addresses of a device come and go with its section; that is no change of its own.
    if (JSON.stringify(was) === JSON.stringify(will) || (option === "macs" && !(current && desired))) return [];
    return [
      {
        action: was === undefined ? "add" : will === undefined ? "remove" : "set",
        target: `${name}.${option}`,
        before: written(was),
        after: written(will),
        ...told(sentence("fromTo", { about, now: inWords(option, will), before: inWords(option, was) })),
      },
    ];
  });
}

const written = (value: OptionValue | undefined): string | null =>
  value === undefined ? null : Array.isArray(value) ? value.join(" ") : String(value);

function inWords(option: string, value: OptionValue | undefined): Sentence {
  if (option === "macs") return sentence("optionKnown", { macs: (value as string[]).join(", ") });
  if (option === "shaperDown" || option === "shaperUp") {
    const way = option === "shaperDown" ? "down" : "up";
    return value === undefined ? sentence("optionNotShaped", { way }) : sentence("optionShaped", { rate: Number(value), way });
  }
  const rule = optionRules[option]!;
  return value === undefined ? rule.base : rule.say(value);
}
