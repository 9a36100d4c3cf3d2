/** What a check-up finds at UniFi; part of the sentences of `sentence.ts`. */
export const unifiEnglish = {
  unifiLists: "there are policy objects for single devices",
  unifiOnlyRules: "there are only traffic rules: devices can be blocked and limited, not preferred or sent through a tunnel",
  unifiNone: "there are no policies for single devices",
  unifiUpdate: "Update UniFi Network under Settings > Control Plane > Updates.",
  unifiSmartOn:
    "Switch them on under Settings > Internet for lines below about 300 Mbit/s, with rates slightly below what the line carries.",
  noVpnOn: "no VPN client is switched on",
  unifiEither: "Look under Settings > Policy Engine; where two decide, either may win.",
  accepted: "it is accepted",
  unifiKey: "Make one under Settings > Control Plane > Integrations and put it into `apiKey`.",
  unifiLogin: "Correct `username` and `password`; the account must be a local one without a second factor (Settings > Admins & Users).",
  unifiReach: "Check `url` and that the console is on; UniFi OS answers at port 443, the application by itself at 8443.",
  unifiLocked: "Wait some minutes, and find the other program that logs in with this account all the time.",
  unifiGrant: 'Give the account the role "{role}" under Settings > Admins & Users.',
  seesNoSite: 'the account sees no site "{site}"',
  setSite: "Set `site` to one of: {sites}.",
  seesNone: "(it sees none)",
  mayChangeSite: 'the account may change the site "{site}"',
  mayOnlyLook: 'the account may only look at the site "{site}", so nothing can be changed',
  smartOff: "Smart Queues are off for {wan}, so a full line makes everybody wait",
  noteUnifiUndo:
    "a UniFi console cannot undo anything by itself; only policies of single devices are changed, never networks, Wi-Fi or the WAN",
  noteUnifiSlow: "a policy takes from seconds to a minute to reach the gateway; what is read back is what the console holds",
  noteUnifiNone: "this UniFi Network has no policies for single devices",
} as const;

export const unifiGerman: Readonly<Record<keyof typeof unifiEnglish, string>> = {
  unifiLists: "es gibt Regelobjekte für einzelne Geräte",
  unifiOnlyRules: "es gibt nur Verkehrsregeln: Geräte lassen sich sperren und begrenzen, nicht bevorzugen oder durch einen Tunnel leiten",
  unifiNone: "es gibt keine Regeln für einzelne Geräte",
  unifiUpdate: "UniFi Network unter Einstellungen > Control Plane > Updates aktualisieren.",
  unifiSmartOn:
    "Unter Einstellungen > Internet für Leitungen unter etwa 300 Mbit/s einschalten, mit Geschwindigkeiten knapp unter dem, was die Leitung schafft.",
  noVpnOn: "kein VPN-Client ist eingeschaltet",
  unifiEither: "Unter Einstellungen > Policy Engine nachsehen; wo zwei Regeln entscheiden, kann jede gewinnen.",
  accepted: "er wird angenommen",
  unifiKey: "Unter Einstellungen > Control Plane > Integrationen einen anlegen und unter `apiKey` eintragen.",
  unifiLogin:
    "`username` und `password` berichtigen; es muss ein lokales Konto ohne zweiten Faktor sein (Einstellungen > Admins & Benutzer).",
  unifiReach: "Prüfen, ob `url` stimmt und die Konsole an ist; UniFi OS antwortet an Port 443, die Anwendung allein an Port 8443.",
  unifiLocked: "Einige Minuten warten und das andere Programm finden, das sich ständig mit diesem Konto anmeldet.",
  unifiGrant: "Dem Konto unter Einstellungen > Admins & Benutzer die Rolle „{role}“ geben.",
  seesNoSite: "das Konto sieht keinen Standort „{site}“",
  setSite: "Unter `site` eintragen, einen von: {sites}.",
  seesNone: "(es sieht keinen)",
  mayChangeSite: "das Konto darf den Standort „{site}“ ändern",
  mayOnlyLook: "das Konto darf den Standort „{site}“ nur ansehen, darum lässt sich nichts ändern",
  smartOff: "Smart Queues sind für {wan} aus, darum lässt eine volle Leitung alle warten",
  noteUnifiUndo:
    "eine UniFi-Konsole kann selbst nichts zurücknehmen; geändert werden nur Regeln einzelner Geräte, nie Netze, WLAN oder WAN",
  noteUnifiSlow: "eine Regel braucht Sekunden bis zu einer Minute bis zum Gateway; zurückgelesen wird, was die Konsole hat",
  noteUnifiNone: "dieses UniFi Network hat keine Regeln für einzelne Geräte",
};
