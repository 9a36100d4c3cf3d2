import { askForPassword, askForUrl, askForUsername, type DriverWelcome, labelOf } from "@network-personas/engine/driver";

/** How a UniFi console is found, and what it asks of its owner. */
export const welcome: DriverWelcome = {
  name: "UniFi",
  usualHosts: ["unifi", "192.168.1.1"],
  questions: [
    askForUrl("https://192.168.1.1"),
    askForUsername("personas"),
    askForPassword,
    {
      field: "apiKey",
      label: labelOf("apiKey", {
        en: "Settings > Control Plane > Integrations",
        de: "Einstellungen > Control Plane > Integrationen",
      }),
      required: false,
      secret: true,
    },
    {
      field: "site",
      label: labelOf("site", { en: "only where the console has several", de: "nur, wenn die Konsole mehrere hat" }),
      required: false,
      secret: false,
    },
  ],
  prepare: {
    en: "At the console, under Settings > Admins & Users > Create New > Admin, make an administrator of its own: tick “Restrict to Local Access Only”, choose a long password, and give it the role Site Admin for Network and nothing else. An account of the maker's cloud, or one with a second factor, does not work.",
    de: "An der Konsole unter Einstellungen > Admins & Benutzer > Neu erstellen > Admin (Settings > Admins & Users > Create New > Admin) einen eigenen Administrator anlegen: „Restrict to Local Access Only“ ankreuzen, ein langes Passwort wählen und ihm für Network die Rolle „Site Admin“ geben, sonst nichts. Ein Konto in der Cloud des Herstellers oder eines mit zweitem Faktor geht nicht.",
  },
  async detect({ host, url }, probe) {
    const base = url ?? new URL(`https://${host}`);
    const answer = await probe(new URL("/", base));
    const isConsole = answer?.status === 200 && /<title>[^<]*UniFi/i.test(answer.text);
    const isClassic = answer?.status === 302 && /\/manage(\/|$)/.test(String(answer.headers.location ?? ""));
    return isConsole || isClassic ? base.href.replace(/\/$/, "") : null;
  },
};
