import { askForPassword, askForUrl, askForUsername, type DriverWelcome } from "@network-personas/engine/driver";

/** How an ASUS router is found, and what it asks of its owner. */
export const welcome: DriverWelcome = {
  name: "ASUS (ASUSWRT, Merlin)",
  usualHosts: ["router.asus.com", "192.168.50.1"],
  questions: [askForUrl("https://192.168.50.1:8443"), askForUsername("admin"), askForPassword],
  prepare: {
    en: "At the router, set Administration > System > Authentication Method to HTTPS or BOTH. ASUSWRT has one administrator account, so this is your own, and on most firmware it lets one in at a time: while we are logged in, your page may ask for the password again. Whether anything may be preferred or limited depends on the kind of QoS that is switched on there.",
    de: "Am Router unter Administration > System > Authentifizierungsmethode „HTTPS“ oder „BOTH“ wählen. ASUSWRT hat nur ein Administratorkonto; hier ist also das eigene gefragt, und meist kann nur einer zugleich angemeldet sein: Während wir es sind, fragt die Seite des Routers vielleicht noch einmal nach dem Passwort. Ob sich etwas bevorzugen oder begrenzen lässt, hängt davon ab, welche Art von QoS dort eingeschaltet ist.",
  },
  async detect({ host, url }, probe) {
    const bases = url ? [url] : [new URL(`https://${host}:8443`), new URL(`http://${host}`)];
    const answers = await Promise.all(bases.map((base) => probe(new URL("/", base))));
    const base = bases[answers.findIndex((answer) => answer?.status === 200 && /Main_Login\.asp/.test(answer.text))];
    return base ? base.href.replace(/\/$/, "") : null;
  },
};
