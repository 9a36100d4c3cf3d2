import {
  counted,
  lookedAt,
  type Sentence,
  type SentenceKey,
  type SentencePart,
  say,
  saysAll,
  sentence,
  sentences,
} from "../model/sentence.ts";
import { personaIn } from "../model/sentences-personas.ts";
import { html, type Markup } from "./html.ts";
import { applicationsGerman } from "./words-applications.ts";
import { backupEnglish, backupGerman } from "./words-backup.ts";
import { pagesEnglish, pagesGerman } from "./words-pages.ts";
import { profileEnglish, profileFieldsGerman, profileGerman } from "./words-profile.ts";
import { setupEnglish, setupGerman } from "./words-setup.ts";

/**
 * What the pages say. `{name}` is filled in, `{name:day|days}` is a number with the word for one or for several. Every language has the
 * same keys with the same names in braces.
 */
export const english = {
  ...pagesEnglish,
  ...setupEnglish,
  ...profileEnglish,
  ...backupEnglish,
} as const;

export type Key = keyof typeof english;

export const german: Readonly<Record<Key, string>> = {
  ...pagesGerman,
  ...setupGerman,
  ...profileGerman,
  ...backupGerman,
};

export const languages = { en: english, de: german } as const;
export type Language = keyof typeof languages;

/** English sentences are written for terminals, too; on a page they are set as its own words are. */
const typeset = (text: string): string => text.replace(/(^|[\s(])"([^"]*)"/g, "$1“$2”").replace(/(\d) %/g, "$1%");

/** What stands between backticks is typed as it is. */
const withCode = (text: string): Markup =>
  html`${text.split("`").map((part, i, { length }) => (i % 2 === 0 || i === length - 1 ? part : html`<code>${part}</code>`))}`;

/** Speaks one language in one time zone. */
export class Words {
  readonly language: Language;
  readonly timeZone: string;
  readonly #persona: (id: string) => string;
  constructor(language: Language, timeZone: string, persona = (id: string) => id) {
    this.language = language;
    this.timeZone = timeZone;
    this.#persona = (id) => this.persona({ id, name: persona(id) });
  }

  /** What a persona is called, given what its file calls it. */
  persona(known: { id: string; name: string }): string {
    return (personaIn(this.language, known) ?? known).name;
  }
  /** What it is about; in English where its file is all there is. */
  aboutPersona(known: { id: string; name: string; description: string }): Markup {
    const translated = personaIn(this.language, known);
    return translated ? html`${translated.description}` : html`<span lang="en">${known.description}</span>`;
  }

  /** What an application is called, given what its catalogue calls it. */
  application(name: string): string {
    return this.language === "de" && Object.hasOwn(applicationsGerman, name) ? applicationsGerman[name]! : name;
  }

  say(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
    return languages[this.language][key].replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name: string, forms?: string) =>
      forms === undefined ? String(values[name] ?? "") : counted(Number(values[name]), forms, this.language),
    );
  }

  /** "18:05" in the home's zone. */
  time(at: string): string {
    return new Intl.DateTimeFormat(this.#locale, { timeZone: this.timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  }

  /** "18:05" on the day that `now` is of, else "Mon 23 Nov, 18:05". */
  when(at: string, now: string): string {
    return this.moment(at, true) === this.moment(now, true) ? this.time(at) : this.moment(at);
  }

  percent(share: number): string {
    return new Intl.NumberFormat(this.#locale, { style: "percent", maximumFractionDigits: share > 0 && share < 0.095 ? 1 : 0 }).format(
      share,
    );
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 1 }).format(value);
  }

  /** "20 s", "6 min", "1.5 h": the units are the same in every language. */
  lasting(seconds: number): string {
    if (seconds < 120) return `${this.number(Math.round(seconds))} s`;
    return seconds < 7_200 ? `${this.number(Math.round(seconds / 60))} min` : `${this.number(seconds / 3_600)} h`;
  }

  /** "Ann, Bob and Eve" */
  list(names: readonly string[]): string {
    return new Intl.ListFormat(this.#locale, { type: "conjunction" }).format(names);
  }

  /** As something is quoted that stands on the screen. */
  quoted(text: string): string {
    return this.language === "de" ? `„${text}“` : `“${text}”`;
  }

  /** A number as it is typed: "0.125", "1500". */
  plainNumber(value: number): string {
    return new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 3, useGrouping: false }).format(value);
  }

  /** A sentence of the engine's that is a word of the pages, too. */
  sentence(key: SentenceKey, parts: Readonly<Record<string, SentencePart>> = {}): string {
    return this.#said(sentence(key, parts))!;
  }
  #said(said: Sentence): string | undefined {
    const text = say(said, { language: this.language, persona: this.#persona, moment: (at) => this.moment(at) });
    return text === undefined || this.language === "de" ? text : typeset(text);
  }

  /** "50 Mbit/s" from kbit/s. */
  rate(kbps: number): string {
    return this.sentence("exactly", { rate: kbps });
  }

  trafficClass(name: string): string {
    return this.sentence("className", { class: name });
  }

  /** "game console" */
  kind(name: string): string {
    return this.sentence("kindName", { kind: name });
  }

  /** What a field of a router is called where it is asked for, by its name in home.yaml; undefined when it is not asked for. */
  fieldName(field: string): string | undefined {
    return Object.hasOwn(sentences.en, `field-${field}`) ? this.sentence(`field-${field}` as SentenceKey) : undefined;
  }

  /** What a check-up looked at: "calendar alice-work", "reachable"; names it does not know stay as they are. */
  looked(kind: "area" | "check", name: string): string {
    const said = lookedAt(kind, name);
    return (said && this.#said(said)?.trim()) ?? name;
  }

  /** "strict" */
  level(name: string): string {
    return this.sentence("levelName", { level: name });
  }

  /** What a field of a profile is called and what it is, given what its schema says in English. */
  field(
    path: string,
    { title = path, description = "" }: { title?: string; description?: string },
  ): { title: string; description: string } {
    return (this.language === "de" && profileFieldsGerman[path]) || { title, description };
  }

  /**
   * A reason of the engine: in this language where it has a key that is known here, else the English words it came with.
   * `inTermsOf`: in the terms of what is on the screen.
   */
  reason(said: Sentence | undefined, english: string, inTermsOf = (text: string): string => text): Markup {
    const text = said && this.#said(said);
    return text === undefined ? html`<span lang="en">${withCode(inTermsOf(english))}</span>` : withCode(inTermsOf(text));
  }

  /** What went wrong: what it means in this language, and what exactly in English where that tells more. `inTermsOf`: as in `reason`. */
  trouble(said: Sentence | undefined | null, message: string, inTermsOf = (text: string): string => text): Markup {
    const { meaning, exactly } = this.#told(said, message);
    return html`${meaning && withCode(inTermsOf(meaning))}${meaning && exactly && " "}${exactly && html`<small lang="en">${meaning ? `(${exactly})` : withCode(inTermsOf(exactly))}</small>`}`;
  }
  /** The same without markup. */
  troubleText(said: Sentence | undefined | null, message: string): string {
    const { meaning, exactly } = this.#told(said, message);
    return meaning && exactly ? `${meaning} (${exactly})` : meaning || exactly;
  }
  #told(said: Sentence | undefined | null, message: string): { meaning: string; exactly: string } {
    const meaning = (said && this.#said(said)) ?? "";
    if (said && meaning && saysAll(said, message)) return { meaning, exactly: "" };
    return this.language === "en" ? { meaning: typeset(message), exactly: "" } : { meaning, exactly: message };
  }

  /** "Mon 23 Nov, 18:05" in the home's zone; without the time for a whole day. */
  moment(at: string, allDay = false): string {
    const day = { weekday: "short", day: "numeric", month: "short" } as const;
    const time = allDay ? {} : ({ hour: "2-digit", minute: "2-digit" } as const);
    return new Intl.DateTimeFormat(this.#locale, { timeZone: this.timeZone, ...day, ...time }).format(new Date(at));
  }

  /** "1.5 GB". */
  bytes(count: number): string {
    const [value, unit] = count >= 1e9 ? [count / 1e9, "GB"] : count >= 1e6 ? [count / 1e6, "MB"] : [count / 1e3, "kB"];
    return `${this.number(value)} ${unit}`;
  }

  get #locale(): string {
    return this.language === "de" ? "de-DE" : "en-GB";
  }
}
