import { askForPassword, askForUrl, askForUsername, type DriverWelcome } from "@network-personas/engine/driver";
import { endpointOf } from "./settings.ts";

/** How a FRITZ!Box is found, and what it asks of its owner. */
export const welcome: DriverWelcome = {
  name: "FRITZ!Box",
  usualHosts: ["fritz.box", "192.168.178.1"],
  questions: [askForUrl("https://fritz.box"), askForUsername("personas"), askForPassword],
  prepare: {
    en: "At http://fritz.box: under Home Network > Network > Network Settings tick “Allow access for applications” (and “Transmit status information over UPnP”, if the line is to be counted). Then under System > FRITZ!Box Users > Add User make a user of its own with a long password; tick “FRITZ!Box Settings” and nothing else, and leave access from the internet off.",
    de: "Auf http://fritz.box unter Heimnetz > Netzwerk > Netzwerkeinstellungen „Zugriff für Anwendungen zulassen“ ankreuzen (und „Statusinformationen über UPnP übertragen“, wenn die Leitung gezählt werden soll). Dann unter System > FRITZ!Box-Benutzer > Benutzer hinzufügen einen eigenen Benutzer mit langem Passwort anlegen; nur „FRITZ!Box Einstellungen“ ankreuzen, sonst nichts, und den Zugang aus dem Internet ausgeschaltet lassen.",
  },
  async detect({ host, url }, probe) {
    const bases = url ? [url.href] : [`https://${host}`, `http://${host}`];
    const answers = await Promise.all(bases.map((base) => probe(new URL("/tr64desc.xml", endpointOf({ url: base })))));
    const index = answers.findIndex(
      (answer) =>
        answer?.status === 200 &&
        /<friendlyName>[^<]*FRITZ!|<manufacturer>AVM|urn:dslforum-org:device:InternetGatewayDevice/.test(answer.text),
    );
    return bases[index]?.replace(/\/$/, "") ?? null;
  },
};
