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
import { html, type Markup } from "./html.ts";
import { backupEnglish, backupGerman } from "./words-backup.ts";
import { applicationsGerman, personasGerman } from "./words-personas.ts";
import { profileEnglish, profileFieldsGerman, profileGerman } from "./words-profile.ts";
import { setupEnglish, setupGerman } from "./words-setup.ts";

/**
 * What the pages say. `{name}` is filled in, `{name:day|days}` is a number with the word for one or for several. Every language has the
 * same keys with the same names in braces.
 */
export const english = {
  now: "Now",
  today: "Today",
  network: "Network",
  history: "History",
  routers: "Routers",
  pages: "Pages",
  skip: "Skip to content",
  language: "Deutsch",
  loading: "Loading …",
  offline: "Connection lost. What you see is from {time}; connecting again …",
  failed: "That did not work: {why}",
  done: "Done.",
  atHome: "at home",
  away: "away",
  unknown: "not known",
  likely: "{persona}, {share}",
  set: "set for {name}",
  more: "Everything else",
  byOverride: "set by hand",
  byOverrideUntil: "set by hand until {time}",
  byProposal: "asked for by a flow",
  byBase: "nothing in particular",
  automatic: "Back to automatic",
  automaticFor: "Back to automatic: {name}",
  whyNothing: "No special reason.",
  next: "Next, about {time}: {persona} ({share})",
  nothingNext: "Nothing else expected soon.",
  nobody: "Nobody lives here yet.",
  tapToSet: "Tap an activity to set it by hand.",
  look: "Please look at this",
  expected: "Expected",
  really: "Really",
  calendar: "Calendar",
  nothingSeen: "Nothing known yet",
  noEventsToday: "No events today",
  privateEvent: "private event",
  allDay: "all day",
  earlier: "Earlier: {count}",
  applied: "What was changed on the routers",
  changed: "{router}: {count:change|changes} ({result})",
  noneApplied: "Nothing was changed today.",
  asExpected: "{share} of what is known went as expected a quarter of an hour before",
  corrected: "Corrected",
  noneCorrected: "Nobody did anything else than expected.",
  insteadOf: "{name}: {persona} instead of {expected}",
  correctedAfter: "noticed after {seconds} s",
  corrections: "What really happened",
  noCorrections: "Nothing was recognised or set by hand yet.",
  isWhat: "{name}: {persona}",
  line: "The line",
  carries: "{rate} of {whole} in use",
  planned: "planned with {rate}",
  slower: "The line carries less than stated ({rate}), so plans are made with what it really carries.",
  devices: "Who gets what",
  sure: "always {down} down, {up} up",
  shares: "shares what is free",
  manyDevices: "{count} devices, each",
  whichDevices: "Which devices",
  apps: "blocked: {apps}",
  why: "Why",
  refused: "What does not fit",
  nothingRefused: "Everything that is needed fits.",
  omitted: "What the router does otherwise",
  nothingOmitted: "The router can do all of it.",
  instead: "instead:",
  noPlan: "There is no plan yet.",
  calibration: "How sure, and how often right",
  calibrationHow: "Counted where what really happened is known, over the last {days} days. A bar that ends at its mark is perfect.",
  said: "{from} to {to} sure",
  came: "right {share}",
  better: "{factor} times as good as a guess",
  worse: "not better than a guess yet",
  firstGuess:
    "Of {count:quarter|quarters} of an hour the first guess, made before, was right in {right}; always naming the commonest would have been in {commonest}.",
  betterHow: "On average {ours} was given to what then happened; knowing only how often it happens, one would have given it {guess}.",
  tooFew: "Not enough known yet: use the home for some days, or set activities by hand.",
  live: "live",
  preview: "preview: writes nothing",
  reachable: "answers",
  unreachable: "does not answer",
  unasked: "not asked yet",
  changes: "Next change",
  lastChange: "Last change",
  noChanges: "Nothing to change: the router is as planned.",
  lastTime: "Last: {result}, {time}",
  unchanged: "already as planned",
  previewed: "shown only, nothing written",
  confirmed: "applied, read back and confirmed",
  "rolled-back": "rolled back: as it was before",
  "result-failed": "failed",
  add: "add",
  "change-set": "change",
  remove: "remove",
  rollBack: "Undo the last change",
  rollBackSure:
    "Go back to what the routers had before the last change? Then nothing is changed for an hour, or until you press “Go on”. Undoing once more brings the change back.",
  release: "Remove everything of ours",
  releaseSure: "Remove everything we made from every router? Nothing is applied then until you press “Go on”.",
  apply: "Plan and apply now",
  pause: "Pause for an hour",
  paused: "Paused until {time}: the network stays as it is.",
  heldUndone: "The last change was undone: the network stays as it is until {time}.",
  heldReleased: "Everything of ours is being removed from the routers; nothing is applied until you press “Go on”.",
  heldNext: "Nothing, until it goes on.",
  resume: "Go on",
  forgetDay: "Forget this day",
  forgetDaySure:
    "Forget what was predicted, recognised, changed and set by hand today? What is set by hand now ends. What was learned from it already stays, as counts without a date. This cannot be undone.",
  forgetADay: "Forget a day",
  forgetADayHow:
    "What was predicted, recognised, changed and set by hand on it goes. What was learned from it already stays, as counts without a date.",
  forgetADaySure: "Forget {name}? This cannot be undone.",
  day: "Day",
  whichDay: "Choose the day that is to be forgotten.",
  record: "Record and predict {name} again",
  recordNot: "Record nothing about {name}",
  recordNotSure:
    "From now on nothing about {name} is predicted, learned or kept: they get “Everyday”, and what somebody sets by hand. What is kept already stays until you press “Forget everything about {name}”.",
  notRecorded: "Nothing about {name} is predicted, learned or kept.",
  forgetPerson: "Forget everything about {name}",
  forgetPersonSure: "Forget the whole history of {name}, and what was learned from it? This cannot be undone.",
  doctor: "Check-up",
  runDoctor: "Check now",
  testRollback: "Test the way back",
  testingRollback: "Testing the way back of {name}: about half a minute.",
  testRollbackSure:
    "Write a harmless change to {name}, leave it unconfirmed, and see that it goes away again? It takes about half a minute.",
  ok: "in order",
  warning: "worth a look",
  "doctor-failed": "not in order",
  goodToKnow: "Good to know",
  foreign: "Also there, not ours:",
  noRouters: "No router yet.",
  enter: "Enter",
  tokenTitle: "Who are you?",
  tokenLabel: "Token",
  tokenHow: "This home wants a token. Make one on the machine it runs on, and enter it here once:",
  tokenWrong: "This token is not valid here.",
  signOut: "Forget the token",
  ...setupEnglish,
  ...profileEnglish,
  ...backupEnglish,
} as const;

export type Key = keyof typeof english;

export const german: Readonly<Record<Key, string>> = {
  now: "Jetzt",
  today: "Heute",
  network: "Netz",
  history: "Verlauf",
  routers: "Router",
  pages: "Seiten",
  skip: "Zum Inhalt",
  language: "English",
  loading: "Wird geladen …",
  offline: "Verbindung unterbrochen. Angezeigt wird der Stand von {time}; es wird neu verbunden …",
  failed: "Das hat nicht geklappt: {why}",
  done: "Erledigt.",
  atHome: "zu Hause",
  away: "unterwegs",
  unknown: "unbekannt",
  likely: "{persona}, {share}",
  set: "für {name} einstellen",
  more: "Alles andere",
  byOverride: "von Hand eingestellt",
  byOverrideUntil: "von Hand eingestellt bis {time}",
  byProposal: "von einem Flow vorgegeben",
  byBase: "nichts Besonderes",
  automatic: "Zurück zur Automatik",
  automaticFor: "Zurück zur Automatik: {name}",
  whyNothing: "Kein besonderer Grund.",
  next: "Als Nächstes, gegen {time}: {persona} ({share})",
  nothingNext: "Demnächst wird nichts anderes erwartet.",
  nobody: "Hier wohnt noch niemand.",
  tapToSet: "Eine Tätigkeit antippen, um sie von Hand einzustellen.",
  look: "Bitte ansehen",
  expected: "Erwartet",
  really: "Tatsächlich",
  calendar: "Kalender",
  nothingSeen: "Noch nichts bekannt",
  noEventsToday: "Heute keine Termine",
  privateEvent: "privater Termin",
  allDay: "ganztägig",
  earlier: "Früher: {count}",
  applied: "Was an den Routern geändert wurde",
  changed: "{router}: {count:Änderung|Änderungen} ({result})",
  noneApplied: "Heute wurde nichts geändert.",
  asExpected: "{share} dessen, was bekannt ist, verlief so, wie es eine Viertelstunde vorher erwartet wurde",
  corrected: "Korrigiert",
  noneCorrected: "Niemand hat etwas anderes getan als erwartet.",
  insteadOf: "{name}: {persona} statt {expected}",
  correctedAfter: "bemerkt nach {seconds} s",
  corrections: "Was tatsächlich war",
  noCorrections: "Bisher wurde nichts erkannt oder von Hand eingestellt.",
  isWhat: "{name}: {persona}",
  line: "Die Leitung",
  carries: "{rate} von {whole} belegt",
  planned: "geplant wird mit {rate}",
  slower: "Die Leitung schafft weniger als angegeben ({rate}); geplant wird mit dem, was sie wirklich schafft.",
  devices: "Wer was bekommt",
  sure: "immer {down} im Download, {up} im Upload",
  shares: "teilt sich, was frei ist",
  manyDevices: "{count} Geräte, jedes",
  whichDevices: "Welche Geräte",
  apps: "gesperrt: {apps}",
  why: "Warum",
  refused: "Was nicht möglich ist",
  nothingRefused: "Alles Nötige ist möglich.",
  omitted: "Was der Router anders macht",
  nothingOmitted: "Der Router kann alles, was geplant ist.",
  instead: "stattdessen:",
  noPlan: "Es gibt noch keinen Plan.",
  calibration: "Wie sicher, und wie oft richtig",
  calibrationHow:
    "Gezählt wird, wo bekannt ist, was tatsächlich war, in den letzten {days} Tagen. Perfekt ist ein Balken, der genau an seiner Marke endet.",
  said: "zu {from} bis {to} sicher",
  came: "richtig: {share}",
  better: "{factor}-mal so gut wie geraten",
  worse: "bisher nicht besser als geraten",
  firstGuess:
    "Von {count:Viertelstunde|Viertelstunden} stimmte die erste Vermutung, vorher abgegeben, in {right}; immer das Häufigste zu nennen hätte in {commonest} gestimmt.",
  betterHow: "Dem, was dann kam, wurden im Schnitt {ours} gegeben; wer nur weiß, wie oft etwas vorkommt, käme auf {guess}.",
  tooFew: "Noch zu wenig bekannt: einige Tage abwarten oder Tätigkeiten von Hand einstellen.",
  live: "live",
  preview: "Vorschau: schreibt nichts",
  reachable: "antwortet",
  unreachable: "antwortet nicht",
  unasked: "noch nicht gefragt",
  changes: "Nächste Änderung",
  lastChange: "Letzte Änderung",
  noChanges: "Nichts zu ändern: Der Router ist wie geplant.",
  lastTime: "Zuletzt: {result}, {time}",
  unchanged: "schon wie geplant",
  previewed: "nur gezeigt, nichts geschrieben",
  confirmed: "angewendet, zurückgelesen und bestätigt",
  "rolled-back": "zurückgenommen: alles ist wie zuvor",
  "result-failed": "fehlgeschlagen",
  add: "hinzufügen",
  "change-set": "ändern",
  remove: "entfernen",
  rollBack: "Letzte Änderung zurücknehmen",
  rollBackSure:
    "Zurück zu dem, was die Router vor der letzten Änderung hatten? Danach wird eine Stunde lang nichts geändert, es sei denn, jemand drückt „Weitermachen“. Noch einmal zurücknehmen stellt die Änderung wieder her.",
  release: "Alles von uns entfernen",
  releaseSure:
    "Alles, was wir angelegt haben, von jedem Router entfernen? Danach wird nichts angewendet, bis jemand „Weitermachen“ drückt.",
  apply: "Jetzt planen und anwenden",
  pause: "Eine Stunde Pause",
  paused: "Pause bis {time}: Das Netz bleibt, wie es ist.",
  heldUndone: "Die letzte Änderung wurde zurückgenommen: Das Netz bleibt bis {time}, wie es ist.",
  heldReleased: "Alles von uns wird von den Routern entfernt; nichts wird angewendet, bis jemand „Weitermachen“ drückt.",
  heldNext: "Nichts, bis es weitergeht.",
  resume: "Weitermachen",
  forgetDay: "Diesen Tag vergessen",
  forgetDaySure:
    "Vergessen, was heute vorhergesagt, erkannt, geändert und von Hand eingestellt wurde? Was gerade von Hand eingestellt ist, endet. Was daraus schon gelernt wurde, bleibt als Zählung ohne Datum. Das lässt sich nicht rückgängig machen.",
  forgetADay: "Einen Tag vergessen",
  forgetADayHow:
    "Was an diesem Tag vorhergesagt, erkannt, geändert und von Hand eingestellt wurde, verschwindet. Was daraus schon gelernt wurde, bleibt als Zählung ohne Datum.",
  forgetADaySure: "{name} vergessen? Das lässt sich nicht rückgängig machen.",
  day: "Tag",
  whichDay: "Bitte den Tag wählen, der vergessen werden soll.",
  record: "{name} wieder aufzeichnen und vorhersagen",
  recordNot: "Nichts über {name} aufzeichnen",
  recordNotSure:
    "Ab jetzt wird über {name} nichts vorhergesagt, gelernt oder gespeichert; es gelten „Alltag“ und was jemand von Hand einstellt. Was schon gespeichert ist, bleibt, bis jemand „Alles über {name} vergessen“ drückt.",
  notRecorded: "Über {name} wird nichts vorhergesagt, gelernt oder gespeichert.",
  forgetPerson: "Alles über {name} vergessen",
  forgetPersonSure: "Den ganzen Verlauf von {name} vergessen, und was daraus gelernt wurde? Das lässt sich nicht rückgängig machen.",
  doctor: "Prüfung",
  runDoctor: "Jetzt prüfen",
  testRollback: "Rückweg testen",
  testingRollback: "Der Rückweg von {name} wird getestet: etwa eine halbe Minute.",
  testRollbackSure:
    "Eine harmlose Änderung auf {name} schreiben, nicht bestätigen und nachsehen, ob sie wieder verschwindet? Das dauert etwa eine halbe Minute.",
  ok: "in Ordnung",
  warning: "bitte ansehen",
  "doctor-failed": "nicht in Ordnung",
  goodToKnow: "Gut zu wissen",
  foreign: "Außerdem dort, nicht von uns:",
  noRouters: "Noch kein Router.",
  enter: "Öffnen",
  tokenTitle: "Wer ist da?",
  tokenLabel: "Token",
  tokenHow: "Dieses Zuhause verlangt ein Token. Auf dem Rechner, auf dem es läuft, eines anlegen und hier einmal eingeben:",
  tokenWrong: "Dieses Token gilt hier nicht.",
  signOut: "Token vergessen",
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
    return this.#translated(known)?.name ?? known.name;
  }
  /** What it is about; in English where its file is all there is. */
  aboutPersona(known: { id: string; name: string; description: string }): Markup {
    const translated = this.#translated(known);
    return translated ? html`${translated.description}` : html`<span lang="en">${known.description}</span>`;
  }
  #translated({ id, name }: { id: string; name: string }) {
    const german = this.language === "de" && Object.hasOwn(personasGerman, id) ? personasGerman[id] : undefined;
    return german?.called === name ? german : undefined;
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

  percent(share: number): string {
    return new Intl.NumberFormat(this.#locale, { style: "percent", maximumFractionDigits: share > 0 && share < 0.095 ? 1 : 0 }).format(
      share,
    );
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 1 }).format(value);
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
