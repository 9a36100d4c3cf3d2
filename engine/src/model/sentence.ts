import { english } from "./sentences-english.ts";
import { german } from "./sentences-german.ts";

// Read by the pages in the browser too: no imports but the texts.

/**
 * What we say, by key. `{name}` is filled in as it is, `{name|format}` as one of `formats`, `{name:day|days}` is a number with the word
 * for one or for several. Every language has the same keys and names.
 */
export const sentences = { en: english, de: german } as const;
export type SentenceLanguage = keyof typeof sentences;
export type SentenceKey = keyof typeof english;

/** What is filled in: text, a number in the unit of its format, another sentence, or several of them. */
export type SentencePart = string | number | null | Sentence | readonly SentencePart[];
/** A sentence as a key and what is filled in, so that every surface says it in the language of its reader. */
export interface Sentence {
  key: string;
  with: Readonly<Record<string, SentencePart>>;
}

export const sentence = (key: SentenceKey, parts: Readonly<Record<string, SentencePart>> = {}): Sentence => ({ key, with: parts });
/** Somebody else's words, as they are. */
export const verbatim = (text: string): Sentence => sentence("verbatim", { text });

export interface SayOptions {
  language?: SentenceLanguage;
  /** Name of a persona by its id. */
  persona?: (id: string) => string;
  /** An instant as people read it; without, as it is written. */
  moment?: (at: string) => string;
}

/** The sentence in words; undefined when its key is not known here: then its English text is all there is. */
export function say(said: Sentence, options: SayOptions = {}): string | undefined {
  const language = options.language ?? "en";
  if (!Object.hasOwn(english, said.key)) return undefined;
  let text = "";
  for (const part of partsOf(sentences[language][said.key as SentenceKey])) {
    if (typeof part === "string") text += part;
    else if (part.forms !== undefined) text += counted(Number(said.with[part.name]), part.forms, language);
    else text += (formats[part.format] ?? plain)(said.with[part.name] ?? "", { ...options, language });
  }
  return text;
}

/**
 * What a check-up looked at: "way back", "device tv", "right: read" among its checks, "router main" among its areas; undefined where
 * there are no words for it.
 */
export function lookedAt(kind: "area" | "check", name: string): Sentence | undefined {
  const known = (key: string) => Object.hasOwn(english, key);
  const whole = `${kind}-${name.replaceAll(" ", "-")}`;
  if (known(whole)) return { key: whole, with: {} };
  const [, first, rest = ""] = /^(\w+):? (.+)$/.exec(name) ?? [];
  return first !== undefined && known(`${kind}-${first}`) ? { key: `${kind}-${first}`, with: { name: rest } } : undefined;
}

/** The English text of a sentence of ours. Without names, personas are called by their ids. */
export const inEnglish = (said: Sentence, persona?: (id: string) => string): string => say(said, persona && { persona }) ?? said.key;

/** Whether an English text tells no more than a sentence does: then the sentence alone is enough, in any language. */
export function saysAll(said: Sentence, text: string): boolean {
  const { what } = said.with;
  const told = typeof what === "object" && what !== null && "key" in what ? (what as Sentence) : said;
  return text.includes(inEnglish(told));
}

interface Gap {
  name: string;
  format: string;
  forms: string | undefined;
}
const taken = new Map<string, readonly (string | Gap)[]>();
function partsOf(text: string): readonly (string | Gap)[] {
  let parts = taken.get(text);
  if (!parts) {
    parts = text.split(/(\{[^}]+\})/).map((part) => {
      const [, name, format = "plain", forms] = /^\{(\w+)(?:\|(\w+)|:([^}]*))?\}$/.exec(part) ?? [];
      return name === undefined ? part : { name, format, forms };
    });
    taken.set(text, parts);
  }
  return parts;
}

/** "1 day", "0 days", "1,200 days" from `day|days`. */
export function counted(count: number, forms: string, language: SentenceLanguage): string {
  const [one, several = one] = forms.split("|");
  const number = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB").format(count);
  return `${number} ${count === 1 ? one : several}`;
}

type Format = (part: SentencePart, options: SayOptions & { language: SentenceLanguage }) => string;

const isSentence = (part: SentencePart): part is Sentence => typeof part === "object" && part !== null && "key" in part;
const plain: Format = (part, options) => {
  if (Array.isArray(part)) return part.map((p: SentencePart) => plain(p, options)).join(", ");
  if (isSentence(part)) return say(part, options) ?? "";
  return typeof part === "number" ? decimal(part, 3, options.language) : String(part ?? "");
};
const each = (part: SentencePart): readonly SentencePart[] => (Array.isArray(part) ? part : [part]);
const decimal = (value: number, digits: number, language: SentenceLanguage): string => {
  const text = String(Number(value.toFixed(digits)));
  return language === "de" ? text.replace(".", ",") : text;
};

/** What `{name|format}` may say. Words of a closed set are keys themselves: "kind-laptop", "weekday-2", "class-bulk". */
export const formats: Readonly<Record<string, Format>> = {
  plain,
  /** kbit/s as "50 Mbit/s" */
  rate(part, { language }) {
    const kbps = Number(part);
    const [value, unit] = kbps >= 1e6 ? [kbps / 1e6, "Gbit/s"] : kbps >= 1000 ? [kbps / 1000, "Mbit/s"] : [kbps, "kbit/s"];
    return `${decimal(value, value < 10 ? 2 : 1, language)} ${unit}`;
  },
  /** The same, or that there is none. */
  limit: (part, options) => (part === null || part === "" ? inWord("no-limit", options) : formats.rate!(part, options)),
  /** 0 to 1 as "87 %" */
  share: (part) => `${Math.round(Number(part) * 100)} %`,
  /** Minutes as "25 min", "3 h" or "4 days" */
  span(part, options) {
    const whole = Math.max(0, Math.round(Number(part)));
    if (whole < 90) return `${whole} min`;
    const hours = Math.round(whole / 60);
    return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} ${inWord("days", options)}`;
  },
  /** What a film looks like at a rate in kbit/s. */
  picture(part, options) {
    const rate = Number(part);
    if (rate < 4_000) return inWord("standard-definition", options);
    return rate >= 20_000 ? "4K" : rate >= 12_000 ? "1440p" : rate >= 7_000 ? "1080p" : "720p";
  },
  /** An instant, ISO 8601 */
  moment: (part, { moment }) => moment?.(String(part)) ?? String(part),
  persona: (part, { persona }) => persona?.(String(part)) ?? String(part),
  /** "Ann, Bob and Eve" */
  and(part, options) {
    const said = each(part).map((p) => plain(p, options));
    const last = said.pop() ?? "";
    return said.length === 0 ? last : `${said.join(", ")} ${inWord("and", options)} ${last}`;
  },
  kind: (part, options) => inWord(`kind-${part}`, options, String(part)),
  kinds: (part, options) =>
    each(part)
      .map((kind) => formats.kind!(kind, options))
      .join(", "),
  class: (part, options) => inWord(`class-${part}`, options, String(part)),
  traffic: (part, options) => inWord(`traffic-${part}`, options, String(part)),
  way: (part, options) => inWord(`way-${part}`, options, String(part)),
  place: (part, options) => inWord(`place-${part}`, options, String(part)),
  level: (part, options) => inWord(`level-${part}`, options, String(part)),
  weekday: (part, options) => inWord(`weekday-${part}`, options, String(part)),
  part: (part, options) => inWord(`part-${part}`, options, String(part)),
  /** A right as a router's account lacks it; most are known by the router's own name. */
  right: (part, options) => inWord(`right-${String(part).replaceAll(" ", "-")}`, options, String(part)),
};

const inWord = (key: string, { language }: { language: SentenceLanguage }, otherwise = key): string =>
  (sentences[language] as Readonly<Record<string, string>>)[key] ?? otherwise;
