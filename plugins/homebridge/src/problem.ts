import { ApiError } from "@network-personas/engine/client";
import type { SentenceLanguage } from "@network-personas/engine/model";

/** What the settings page's server has to say when something does not work, and what to do. `{name}` is filled in. */
const words = {
  en: {
    "no-place": "Say where the engine is first: an address, or a home file.",
    "no-file": "There is no file {file} in Homebridge's storage yet.",
    "file-exists": "{file} is there already; test the connection",
    outside:
      "The home file {file} is outside Homebridge's storage; copy its folder into {storage}, or run the engine elsewhere and give its address and a token",
    "not-running": "The engine does not run yet: save, and restart Homebridge.",
    "only-here": "The engine's pages can be opened only on the computer it runs on.",
    "no-api": "The engine runs, but cannot be asked: {why}.",
    "odd-address": "This page does not know its address.",
    unreachable: "No answer from {url}; is the engine running there?",
    timeout: "{url} does not answer in time; is the engine running there?",
    unauthenticated:
      "The token is not valid there: it is mistyped, withdrawn, expired or of another home; make a new one and paste all of it",
    forbidden: "The engine refuses: {message}",
    "bad-response": "Something else than the engine answers at {url}; check the address",
  },
  de: {
    "no-place": "Bitte zuerst sagen, wo die Engine läuft: eine Adresse oder eine Datei des Zuhauses.",
    "no-file": "Im Speicherordner von Homebridge gibt es noch keine Datei {file}.",
    "file-exists": "{file} gibt es schon; bitte die Verbindung testen",
    outside:
      "Die Datei {file} liegt außerhalb des Speicherordners von Homebridge; bitte ihren Ordner nach {storage} kopieren, oder die Engine anderswo laufen lassen und ihre Adresse und ein Token angeben",
    "not-running": "Die Engine läuft noch nicht: speichern und Homebridge neu starten.",
    "only-here": "Die Seiten der Engine lassen sich nur auf dem Rechner öffnen, auf dem sie läuft.",
    "no-api": "Die Engine läuft, lässt sich aber nicht fragen: {why}.",
    "odd-address": "Diese Seite kennt ihre Adresse nicht.",
    unreachable: "Keine Antwort von {url}; läuft die Engine dort?",
    timeout: "{url} antwortet nicht rechtzeitig; läuft die Engine dort?",
    unauthenticated:
      "Das Token gilt dort nicht: Es ist vertippt, widerrufen, abgelaufen oder aus einem anderen Zuhause; bitte ein neues anlegen und ganz einfügen",
    forbidden: "Die Engine lehnt ab: {message}",
    "bad-response": "Unter {url} antwortet etwas anderes als die Engine; bitte die Adresse prüfen",
  },
} as const satisfies Record<SentenceLanguage, Record<string, string>>;
export type ProblemCode = keyof typeof words.en;

/** Something the reader can mend. The page may offer something for its code. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly parts: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, parts: Readonly<Record<string, string>> = {}) {
    super(fill(words.en[code], parts));
    this.code = code;
    this.parts = parts;
  }
}

/** An error of the engine at an address as a problem, where its code says enough; else as it is. */
export function problemOf(error: unknown, url: string): unknown {
  if (!(error instanceof ApiError) || !Object.hasOwn(words.en, error.code)) return error;
  return new Problem(error.code as ProblemCode, { url: URL.canParse(url) ? new URL(url).origin : url, message: error.message });
}

/** What is wrong, in the reader's language; in English where there are no other words. */
export const inWords = (error: Error, language: SentenceLanguage): string =>
  error instanceof Problem ? fill(words[language][error.code], error.parts) : error.message;

const fill = (text: string, parts: Readonly<Record<string, string>>): string => text.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");
