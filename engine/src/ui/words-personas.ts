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

/** What applications of the catalogue that have no name of their own are called in German, by what the catalogue calls them. */
export const applicationsGerman: Readonly<Record<string, string>> = {
  "Network time": "Uhrzeit (NTP)",
  "Voice over IP (SIP)": "Internettelefonie (SIP)",
  "Remote desktop": "Fernzugriff",
  "Cloud storage": "Cloud-Speicher",
};
