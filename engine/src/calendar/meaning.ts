import type { Persona, PersonaSet } from "@network-personas/personas";
import type { CalendarConfig, EventFeature, Instant, Occurrence } from "../model/index.ts";
import { fold, hasPhrase } from "./fold.ts";
import { isUnder } from "./links.ts";

export type Meanings = CalendarConfig["meanings"];

export interface EventFeatureInput {
  occurrences: readonly Occurrence[];
  personas: PersonaSet;
  /** What the owner said events mean, per calendar id. */
  meanings: ReadonlyMap<string, Meanings>;
  /** The owner's names for calendars, per calendar id. */
  calendarNames?: ReadonlyMap<string, string>;
  at: Instant;
}

/**
 * What events say about their owner's activity, as features only. Strengths are those of words and hosts alone: how much a free,
 * tentative, all-day or elsewhere event counts is for the scorer, which gets those as features of their own.
 */
export function eventFeatures(input: EventFeatureInput): EventFeature[] {
  const now = Date.parse(input.at);
  return input.occurrences
    .filter((o) => o.status !== "cancelled" && o.participation !== "declined" && (o.end > input.at || o.start >= input.at))
    .map((o) => {
      const isPrivate = o.summary === "";
      const { key, elsewhere } = readingOf(o);
      const said = isPrivate ? undefined : declared(o, input.meanings.get(o.calendar) ?? []);
      return {
        calendar: o.calendar,
        key,
        startsIn: minutes(Date.parse(o.start) - now),
        endsIn: minutes(Date.parse(o.end) - now),
        allDay: o.allDay,
        busy: busyState(o),
        matches: said?.persona ? [{ persona: said.persona, strength: 1, matched: said.text }] : isPrivate ? [] : matchesOf(o, input),
        elsewhere: said?.away === true || elsewhere,
      };
    })
    .sort((a, b) => a.startsIn - b.startsIn);
}

const minutes = (ms: number): number => ms / 60_000;

/** What the same event is recognised by next time: its folded title, with numbers ("Sprint 42") as one. Empty when private. */
export const eventKey = (o: Pick<Occurrence, "summary">): string => keyOf(fold(o.summary));
const keyOf = (title: string): string => title.replace(/\d+/g, "#").slice(0, 120);

/** What an event says by itself. It is asked for at every decision, and stays the same. */
interface Reading {
  /** Its title, folded, and the same with its categories. */
  title: string;
  words: string;
  key: string;
  elsewhere: boolean;
  /** What it says about a persona, for the names its calendar had then. */
  matches: WeakMap<Persona, { names: string; match: Match | undefined }>;
}
type Match = EventFeature["matches"][number];
const readings = new WeakMap<Occurrence, Reading>();
function readingOf(o: Occurrence): Reading {
  let reading = readings.get(o);
  if (!reading) {
    const title = fold(o.summary);
    const words = fold([o.summary, ...o.categories].join(" | "));
    reading = { title, words, key: keyOf(title), elsewhere: isElsewhere(o, title), matches: new WeakMap() };
    readings.set(o, reading);
  }
  return reading;
}

/** An invitation not yet answered holds as little as one answered with "perhaps". */
function busyState(o: Occurrence): EventFeature["busy"] {
  return o.busy === "busy" && (o.participation === "tentative" || o.participation === "needs-action") ? "tentative" : o.busy;
}

/** The most specific of the owner's own sayings about such an event. */
function declared(o: Occurrence, meanings: Meanings): Meanings[number] | undefined {
  const { title } = readingOf(o);
  const fitting = meanings.filter(({ text }) => {
    if (text.startsWith("@")) return fromDomain(o, text);
    const words = fold(text);
    return words !== "" && title.includes(words);
  });
  return fitting.sort((a, b) => b.text.length - a.text.length)[0];
}

const fromDomain = (o: Occurrence, word: string): boolean =>
  (o.domains ?? []).some((domain) => isUnder(domain, word.slice(1).toLowerCase()));

/** A word in the name of the whole calendar says less about one event than one in its title. */
const nameFactor = 2 / 3;

function matchesOf(o: Occurrence, input: EventFeatureInput): Match[] {
  const { matches } = readingOf(o);
  const names = [input.calendarNames?.get(o.calendar) ?? "", o.calendarName ?? ""].join(" | ");
  return [...input.personas.values()].flatMap((persona) => {
    let known = matches.get(persona);
    if (known?.names !== names) {
      known = { names, match: matchOf(o, persona, fold(names)) };
      matches.set(persona, known);
    }
    return known.match ?? [];
  });
}

function matchOf(o: Occurrence, persona: Persona, names: string): Match | undefined {
  const title = readingOf(o).words;
  const { strength, conferenceHosts } = persona.signs.calendar;
  const host = o.conferenceHost;
  const words = wordsOf(persona);
  const word = words.find(({ text, folded }) => (text.startsWith("@") ? fromDomain(o, text) : hasPhrase(title, folded)));
  if (word) return { persona: persona.id, strength, matched: word.text };
  if (host && conferenceHosts.some((known) => isUnder(host, known))) return { persona: persona.id, strength, matched: host };
  const named = words.find(({ folded }) => hasPhrase(names, folded));
  return named && { persona: persona.id, strength: strength * nameFactor, matched: named.text };
}

const folded = new WeakMap<Persona, readonly { text: string; folded: string }[]>();
function wordsOf(persona: Persona): readonly { text: string; folded: string }[] {
  let words = folded.get(persona);
  if (!words) {
    words = persona.signs.calendar.words.map((text) => ({ text, folded: fold(text) }));
    folded.set(persona, words);
  }
  return words;
}

/** Titles that say that somebody is away. English, German, French, Spanish, Italian, Dutch, Portuguese, Swedish, Polish. */
const awayWords = [
  "vacation",
  "on holiday",
  "out of office",
  "ooo",
  "business trip",
  "flight",
  "flight to",
  "airport",
  "urlaub",
  "abwesend",
  "abwesenheit",
  "dienstreise",
  "geschaftsreise",
  "flug",
  "vacances",
  "en conges",
  "deplacement",
  "vol",
  "vacaciones",
  "viaje",
  "vuelo",
  "in ferie",
  "ferie",
  "trasferta",
  "volo",
  "vakantie",
  "zakenreis",
  "vlucht",
  "ferias",
  "viagem",
  "voo",
  "semester",
  "tjansteresa",
  "flyg",
  "urlop",
  "delegacja",
];
/** Places that are home. */
const homeWords = [
  "home",
  "home office",
  "homeoffice",
  "zuhause",
  "zu hause",
  "daheim",
  "remote",
  "maison",
  "a la maison",
  "casa",
  "en casa",
  "a casa",
  "thuis",
  "hemma",
  "dom",
];

/** A place makes an event happen elsewhere, unless one can also take part by a link, or the place is home. */
function isElsewhere(o: Occurrence, title: string): boolean {
  if (o.busy === "out-of-office") return true;
  if (o.location !== undefined && o.conferenceHost === undefined) {
    const place = fold(o.location);
    if (!homeWords.some((word) => hasPhrase(place, word))) return true;
  }
  return awayWords.some((word) => hasPhrase(title, word));
}
