/** What a check-up finds at ASUSWRT; part of the sentences of `sentence.ts`. */
export const asuswrtEnglish = {
  useHttpsAsus:
    "Switch HTTPS on under Administration > System > Authentication Method, and use https://…:8443 in `url`; the certificate is remembered on first use.",
  newerFirmware: "See the message; the firmware may be newer than this driver knows.",
  asusLook: "Look under Parental Controls and Traffic Manager > QoS of the router's web interface.",
  asusUpdate: "Update it under Administration > Firmware Upgrade to 384 or later, where there is one.",
  asusSetUrl: "Set `url` to the router that leads to the internet.",
  isRouter: "it is a router",
  doSoAgain: "Do so, and check again.",
  canBlock: "devices can be blocked",
  noFilterNeeded: "Nothing to do if you need no filter of names.",
  canFilter: "names can be filtered for single devices",
  canPreferShape: "devices can be preferred, and the line shaped",
  canPrefer: "devices can be preferred; the rates of the line are yours",
  canLimit: "devices can be limited",
  asusSwitchQos:
    "Switch Traditional QoS or the Bandwidth Limiter on under Traffic Manager > QoS if you want it; either costs hardware acceleration, which lines above some hundred Mbit/s need.",
  limiterNoIpv6: "the Bandwidth Limiter does not see IPv6",
  asusIpv6Off: "Switch IPv6 off under IPv6, or live with limits of IPv4 only.",
  qosNoRates: "Traditional QoS has no rates of the line, and does nothing without them",
  enterRates: "Enter them under Traffic Manager > QoS.",
  removeQos: "Remove `qos` from home.yaml, or switch QoS off.",
  asusLogin: "Correct `username` and `password`; log in once by hand to see what the router says.",
  asusReach: "Check `url` and that the router is on; its web interface answers at port 80, or 8443 with https.",
  asusLocked:
    "Log out of the router's web interface and of its app, find other programs that log in with this account, and wait some minutes.",
  firmwareUntried: '{model} has firmware "{build}", which nobody has tried this driver with',
  qosStays: "`qos` in home.yaml says {wanted}, but you have QoS on yourself, which stays as it is",
  unnamedModel: "a router that does not tell its model",
  modelWith: "{model} with {build}",
  noVpnUsable: "no VPN client can be used",
  notTunnel: "not {tunnel}: {leak}",
  noteAsusUndo:
    "an ASUS router cannot undo anything by itself; only rules of single devices and the QoS that may be switched on are changed, never what we reach it by",
  noteAsusRestarts: "every change restarts the firewall, and QoS with it where it is concerned: traffic may pause for some seconds",
  noteAsusLimits: "limits have no room for a name: what is ours of them is kept in the router's data folder",
  noteAsusNoVpn: "there is no VPN client that nothing passes by",
} as const;

export const asuswrtGerman: Readonly<Record<keyof typeof asuswrtEnglish, string>> = {
  useHttpsAsus:
    "Unter Administration > System > Authentifizierungsmethode HTTPS einschalten und in `url` https://…:8443 verwenden; das Zertifikat wird beim ersten Mal gemerkt.",
  newerFirmware: "Siehe die Meldung; die Firmware ist vielleicht neuer, als dieser Treiber kennt.",
  asusLook: "In der Oberfläche des Routers unter Kindersicherung und Traffic-Manager > QoS nachsehen.",
  asusUpdate: "Unter Administration > Firmware-Aktualisierung auf 384 oder neuer bringen, falls es das gibt.",
  asusSetUrl: "Unter `url` den Router eintragen, der ins Internet führt.",
  isRouter: "es ist ein Router",
  doSoAgain: "Das tun und noch einmal prüfen.",
  canBlock: "Geräte lassen sich sperren",
  noFilterNeeded: "Nichts zu tun, wenn kein Filter für Namen gebraucht wird.",
  canFilter: "Namen lassen sich für einzelne Geräte filtern",
  canPreferShape: "Geräte lassen sich bevorzugen, und die Leitung lässt sich begrenzen",
  canPrefer: "Geräte lassen sich bevorzugen; die Geschwindigkeit der Leitung ist von Hand eingestellt",
  canLimit: "Geräte lassen sich begrenzen",
  asusSwitchQos:
    "Wer es will, schaltet unter Traffic-Manager > QoS das traditionelle QoS oder die Bandbreitenbegrenzung ein; beides kostet die Hardwarebeschleunigung, die Leitungen über einigen hundert Mbit/s brauchen.",
  limiterNoIpv6: "die Bandbreitenbegrenzung sieht IPv6 nicht",
  asusIpv6Off: "Auf der Seite „IPv6“ IPv6 ausschalten, oder hinnehmen, dass Grenzen nur für IPv4 gelten.",
  qosNoRates: "im traditionellen QoS ist keine Geschwindigkeit der Leitung eingetragen; ohne sie bewirkt es nichts",
  enterRates: "Unter Traffic-Manager > QoS eintragen.",
  removeQos: "In home.yaml `qos` entfernen, oder QoS ausschalten.",
  asusLogin: "`username` und `password` berichtigen; einmal von Hand anmelden, um zu sehen, was der Router sagt.",
  asusReach: "Prüfen, ob `url` stimmt und der Router an ist; seine Oberfläche antwortet an Port 80, mit https an Port 8443.",
  asusLocked:
    "Aus der Oberfläche des Routers und aus seiner App abmelden, andere Programme finden, die sich mit diesem Konto anmelden, und einige Minuten warten.",
  firmwareUntried: "{model} hat die Firmware „{build}“, mit der dieser Treiber noch nie ausprobiert wurde",
  qosStays: "in home.yaml sagt `qos` {wanted}, aber am Router ist QoS von Hand eingeschaltet und bleibt, wie es ist",
  unnamedModel: "ein Router, der sein Modell nicht nennt",
  modelWith: "{model} mit {build}",
  noVpnUsable: "kein VPN-Client ist verwendbar",
  notTunnel: "nicht {tunnel}: {leak}",
  noteAsusUndo:
    "ein ASUS-Router kann selbst nichts zurücknehmen; geändert werden nur Regeln einzelner Geräte und QoS, wo es eingeschaltet werden darf, nie der Weg zum Router",
  noteAsusRestarts:
    "jede Änderung startet die Firewall neu, und QoS mit ihr, wo es betroffen ist: Der Verkehr kann einige Sekunden stocken",
  noteAsusLimits: "Grenzen lassen sich nicht benennen: Welche von uns sind, steht im Datenordner des Routers",
  noteAsusNoVpn: "es gibt keinen VPN-Client, an dem nichts vorbeigeht",
};
