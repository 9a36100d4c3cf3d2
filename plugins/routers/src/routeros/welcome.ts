import { askForPassword, askForUrl, askForUsername, type DriverWelcome } from "@network-personas/engine/driver";

/** How a MikroTik router is found, and what it asks of its owner. */
export const welcome: DriverWelcome = {
  name: "MikroTik (RouterOS 7)",
  usualHosts: ["192.168.88.1"],
  questions: [askForUrl("https://192.168.88.1"), askForUsername("personas"), askForPassword],
  prepare: {
    en: "Make a user of its own for us that may read and write over the REST API and nothing else. Type this once in the router's terminal (WinBox, WebFig or SSH), with a long password of your choice and your own network; then give the REST API a certificate (IP > Services > www-ssl), so that the password crosses the network encrypted, and let FastTrack spare marked connections:",
    de: "Einen eigenen Benutzer für uns anlegen, der über die REST-API lesen und schreiben darf und sonst nichts. Einmal am Terminal des Routers eintippen (WinBox, WebFig oder SSH), mit einem langen Passwort eigener Wahl und der Adresse des eigenen Netzes; dann der REST-API ein Zertifikat geben (IP > Services > www-ssl), damit das Passwort verschlüsselt durchs Netz geht, und FastTrack gekennzeichnete Verbindungen aussparen lassen:",
  },
  commands: `/user group add name=personas policy=read,write,api,rest-api
/user add name=personas group=personas address=192.168.88.0/24 password="a long password"
/ip firewall filter set [find action=fasttrack-connection] connection-mark=no-mark
/ipv6 firewall filter set [find action=fasttrack-connection] connection-mark=no-mark`,
  async detect({ host, url }, probe) {
    const bases = url ? [url] : [new URL(`https://${host}`), new URL(`http://${host}`)];
    const answers = await Promise.all(bases.map((base) => probe(new URL("/rest/system/resource", base))));
    const base = bases[answers.findIndex((answer) => answer?.status === 401 && isRefusal(answer.text))];
    return base ? base.href.replace(/\/$/, "") : null;
  },
};

/** RouterOS' REST refuses strangers with {"error":401,"message":"Unauthorized"}. */
function isRefusal(text: string): boolean {
  try {
    return (JSON.parse(text) as { error?: unknown }).error === 401;
  } catch {
    return false;
  }
}
