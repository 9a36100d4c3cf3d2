import type { SentenceLanguage } from "./sentence.ts";

// Read by the pages in the browser too, and by hosts that show personas to people.

/** What the personas that come along are called in German, beside what their files call them: one that was renamed keeps its owner's name. */
export const personasGerman: Readonly<Record<string, { called: string; name: string; description: string }>> = {
  everyday: {
    called: "Everyday",
    name: "Alltag",
    description: "Nichts Besonderes, unterwegs oder im Schlaf. Bekommt die Wahrscheinlichkeit, die zu nichts anderem passt.",
  },
  gamer: {
    called: "Gamer",
    name: "Spielen",
    description: "Online-Spiele an Konsole oder PC. Kleine, stetige Pakete, die nicht warten dürfen.",
  },
  "iot-device": {
    called: "IoT device",
    name: "Smart-Home-Gerät",
    description: "Eine Kamera, ein Sensor oder Haushaltsgerät, das mit seiner Cloud spricht und sonst mit niemandem.",
  },
  "remote-worker": {
    called: "Remote worker",
    name: "Homeoffice",
    description: "Videoanrufe, Fernzugriff und Dienste der Firma. Anrufe müssen in beiden Richtungen klar bleiben.",
  },
  "streaming-enthusiast": {
    called: "Streaming enthusiast",
    name: "Filme und Serien",
    description: "Filme und Serien im besten Bild, das die Leitung hergibt.",
  },
  "video-editor": {
    called: "Video editor",
    name: "Videoschnitt",
    description: "Filmmaterial schneiden und übertragen. Braucht den Upload der Leitung und kann warten.",
  },
};

/** What a persona that comes along is called in a language, and what it is about; undefined where its file says it already. */
export function personaIn(
  language: SentenceLanguage,
  { id, name }: { id: string; name: string },
): { name: string; description: string } | undefined {
  const german = language === "de" && Object.hasOwn(personasGerman, id) ? personasGerman[id] : undefined;
  return german?.called === name ? german : undefined;
}
