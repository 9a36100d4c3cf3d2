import type { PluginConfig } from "./src/config.ts";

/** Words of the form's layout; those of its fields are the schema's own in English. */
const english = {
  header: "Personas of your home network in Apple Home.",
  engine: "Engine",
  wholeHome: "Whole home",
  people: "People",
  times: "Times",
  persona: "Persona",
  addPersona: "Add persona",
  addPerson: "Add person",
};
export type LayoutWords = typeof english;

const german: LayoutWords = {
  header: "Die Personas des Heimnetzes in Apple Home.",
  engine: "Engine",
  wholeHome: "Ganzes Zuhause",
  people: "Personen",
  times: "Zeiten",
  persona: "Persona",
  addPersona: "Persona hinzufügen",
  addPerson: "Person hinzufügen",
};

export const layoutWords = { en: english, de: german } as const;

/** What a line of a list of personas takes. */
export const idGerman = "Kleinbuchstaben, Ziffern und „-“.";

type FieldPath = keyof PluginConfig | `people[].${keyof PluginConfig["people"][number]}`;

/** Title and description of every field in German, by its path in the layout. */
export const fieldsGerman: Readonly<Record<FieldPath, { title: string; description: string }>> = {
  name: { title: "Name", description: "Name im Protokoll." },
  url: {
    title: "Adresse der Engine",
    description:
      "Wo Network Personas schon läuft, in Node-RED oder für sich, zum Beispiel http://192.168.1.20:8787. Leer, wenn es hier laufen soll.",
  },
  token: {
    title: "Token",
    description: "Die Engine legt es mit diesem Befehl an: network-personas token create homebridge --scope control",
  },
  home: {
    title: "Datei des Zuhauses",
    description:
      "Wenn keine Adresse angegeben ist: die home.yaml des Zuhauses im Speicherordner von Homebridge. Die Engine läuft dann in Homebridge.",
  },
  language: {
    title: "Namen in der Home-App",
    description: "Bei einem Wechsel bleiben Räume, Szenen und Automationen erhalten, ebenso Namen, die in der Home-App vergeben wurden.",
  },
  wholeHome: {
    title: "Schalter für das ganze Zuhause",
    description: "Ein Schalter „Automatik“ und je Persona ein Schalter, der sie für alle einstellt, die zu Hause sind.",
  },
  personas: {
    title: "Personas für das ganze Zuhause",
    description: "Leer: alle, die für eine Person vorhergesagt werden können, außer Alltag.",
  },
  people: { title: "Personen", description: "Was für einzelne Personen erscheint." },
  releaseOnRemoval: {
    title: "Router sauber zurücklassen",
    description:
      "Beim Deinstallieren des Plugins wird entfernt, was seine Engine auf den Routern eingerichtet hat. Nur, wenn die Engine in Homebridge läuft.",
  },
  forcedFor: {
    title: "Von Hand eingestellte Personas enden nach (Minuten)",
    description: "0: erst beim Ausschalten. Leer: wie in der Datei des Zuhauses (ohne Angabe: 4 Stunden).",
  },
  likelyWithin: {
    title: "Bald heißt innerhalb von (Minuten)",
    description: "Wie weit die Sensoren für das, was bald wahrscheinlich ist, vorausschauen.",
  },
  "people[].id": { title: "Person", description: "Id der Person, wie sie in der Datei des Zuhauses steht." },
  "people[].automatic": {
    title: "Schalter „Automatik“",
    description: "An, solange die Engine für diese Person entscheidet. Aus hält fest, was gerade aktiv ist.",
  },
  "people[].personas": { title: "Schalter für Personas", description: "Jeder stellt diese Persona für diese Person ein." },
  "people[].presence": {
    title: "Schalter „zu Hause“",
    description: "Für Automationen von HomeKit: an, wenn die Person ankommt, aus, wenn sie geht.",
  },
  "people[].active": { title: "Sensoren: ist aktiv", description: "Melden Belegung, solange die Persona aktiv ist." },
  "people[].likely": {
    title: "Sensoren: ist bald wahrscheinlich",
    description: "Melden Belegung, solange die Persona bald wahrscheinlich ist.",
  },
};
