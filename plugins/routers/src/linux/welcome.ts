import { askForUrl, type DriverWelcome } from "@network-personas/engine/driver";
import type { DriverQuestion } from "@network-personas/engine/model";

const interfaceOf = (field: string, en: string, de: string, suggestion: string): DriverQuestion => ({
  field,
  label: { en, de },
  required: true,
  secret: false,
  suggestion,
});

/** What a Linux machine asks of its owner; it cannot be told from any other machine without a login. */
export const welcome: DriverWelcome = {
  name: "Linux",
  usualHosts: [],
  questions: [
    {
      ...askForUrl("ssh://192.168.1.1", false),
      label: { en: "Address (empty: this machine routes)", de: "Adresse (leer: dieser Rechner ist der Router)" },
    },
    { field: "username", label: { en: "Account for SSH (empty: root)", de: "Konto für SSH (leer: root)" }, required: false, secret: false },
    interfaceOf("lan", "Interface of the home", "Schnittstelle zum Zuhause", "br-lan"),
    interfaceOf("wan", "Interface of the line", "Schnittstelle zur Leitung", "eth1"),
  ],
  prepare: {
    en: "The machine needs nftables and iproute2. Where we run on another machine, it is reached by SSH with a key, never with a password: the key of the account this engine runs as must be in the router's ~/.ssh/authorized_keys.",
    de: "Der Rechner braucht nftables und iproute2. Läuft die Engine auf einem anderen, erreicht sie ihn über SSH mit einem Schlüssel, nie mit einem Passwort: Der Schlüssel des Kontos, unter dem sie läuft, muss auf dem Router in ~/.ssh/authorized_keys stehen.",
  },
};
